# One way to declare every library, program and test of the project.

add_library(tradebus_options INTERFACE)
target_include_directories(tradebus_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(tradebus_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                                                  -Wold-style-cast -Wnull-dereference -Werror)
# g++ 12 finds null dereferences and uninitialised values inside optional and vector that are not there.
target_compile_options(tradebus_options INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
if(TRADEBUS_SANITIZE)
  # CAF's spawn binds null references: -fno-sanitize=null.
  set(sanitize -fsanitize=${TRADEBUS_SANITIZE} -fno-omit-frame-pointer)
  if(TRADEBUS_SANITIZE MATCHES undefined)
    list(APPEND sanitize -fno-sanitize=null -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(tradebus_options INTERFACE ${sanitize})
  target_link_options(tradebus_options INTERFACE ${sanitize})
endif()

# CAF's headers are compiled once.
add_library(tradebus_caf_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/caf_pch.cpp)
target_link_libraries(tradebus_caf_pch PUBLIC tradebus_options caf::core spdlog::spdlog)
target_include_directories(tradebus_caf_pch SYSTEM PUBLIC ${TL_EXPECTED_INCLUDE})
target_precompile_headers(tradebus_caf_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/caf_pch.hpp)

# tradebus_library(name [CAF] SOURCES a.cpp ... [DEPS other ...])
function(tradebus_library name)
  cmake_parse_arguments(arg "CAF" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC tradebus_options ${arg_DEPS})
  if(arg_CAF)
    target_link_libraries(${name} PUBLIC caf::core spdlog::spdlog)
    target_precompile_headers(${name} REUSE_FROM tradebus_caf_pch)
  endif()
endfunction()

# tradebus_program(name [CAF] SOURCES a.cpp ... [DEPS other ...])
function(tradebus_program name)
  cmake_parse_arguments(arg "CAF" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tradebus_options ${arg_DEPS})
  if(arg_CAF)
    target_link_libraries(${name} PRIVATE caf::core spdlog::spdlog)
    target_precompile_headers(${name} REUSE_FROM tradebus_caf_pch)
  endif()
endfunction()

# tradebus_test(name [CAF] [LABELS l ...] SOURCES a.cpp ... [DEPS other ...]): a Boost.Test program, run by ctest.
function(tradebus_test name)
  cmake_parse_arguments(arg "CAF" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:tradebus_test_main>)
  target_link_libraries(${name} PRIVATE tradebus_options Boost::unit_test_framework ${arg_DEPS})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK TRADEBUS_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(arg_CAF)
    target_link_libraries(${name} PRIVATE caf::core spdlog::spdlog)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} --log_level=message)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "${arg_LABELS}")
endfunction()
