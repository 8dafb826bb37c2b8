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
  if(TRADEBUS_SANITIZE MATCHES thread)
    list(APPEND sanitize -Wno-tsan)  # Asio's fences, which TSan does not see; its locks order the same things
  endif()
  # What a sanitizer adds hides from g++ 12 how long a moved string is; it warns of copies that are never made.
  list(APPEND sanitize -Wno-array-bounds -Wno-stringop-overflow)
  target_compile_options(tradebus_options INTERFACE ${sanitize})
  target_link_options(tradebus_options INTERFACE ${sanitize})
endif()

# CAF's headers are compiled once, and the interfaces, of which nearly every actor includes one: what CAF makes of their
# messages costs more than CAF. Not as system headers, as CMake would have it: their warnings count.
set(CMAKE_PCH_PROLOGUE "")
add_library(tradebus_caf_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/caf_pch.cpp)
target_link_libraries(tradebus_caf_pch PUBLIC tradebus_options caf::core spdlog::spdlog)
target_include_directories(tradebus_caf_pch SYSTEM PUBLIC ${TL_EXPECTED_INCLUDE})
target_precompile_headers(tradebus_caf_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/caf_pch.hpp)

# The same for tests of actors, with Boost.Test.
add_library(tradebus_caf_test_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/caf_pch.cpp)
target_link_libraries(tradebus_caf_test_pch PUBLIC tradebus_caf_pch Boost::unit_test_framework)
target_compile_definitions(tradebus_caf_test_pch PUBLIC BOOST_TEST_DYN_LINK)
# As code of programs is compiled.
set_target_properties(tradebus_caf_test_pch PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(tradebus_caf_test_pch PRIVATE -fPIE)
target_precompile_headers(tradebus_caf_test_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/caf_pch.hpp <boost/test/unit_test.hpp>)

# Most of a file's compile time is its headers and what it instantiates of them: sources of a target share both.
if(TRADEBUS_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  target_compile_options(tradebus_options INTERFACE -Wno-subobject-linkage)  # it takes each file of a batch for a header
  set(CMAKE_UNITY_BUILD_BATCH_SIZE ${TRADEBUS_UNITY})
endif()

# And Boost.Test for the tests without actors.
add_library(tradebus_test_pch STATIC ${PROJECT_SOURCE_DIR}/cmake/caf_pch.cpp)
target_link_libraries(tradebus_test_pch PUBLIC tradebus_options Boost::unit_test_framework)
target_compile_definitions(tradebus_test_pch PUBLIC BOOST_TEST_DYN_LINK)
set_target_properties(tradebus_test_pch PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(tradebus_test_pch PRIVATE -fPIE)
target_precompile_headers(tradebus_test_pch PRIVATE <boost/test/unit_test.hpp> <algorithm> <chrono> <fstream> <map> <optional> <string> <vector>)

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

# tradebus_test(name [CAF | NO_PCH] [LABELS l ...] SOURCES a.cpp ... [DEPS other ...]): a Boost.Test program, run by ctest.
# Labels: unit (the default kind), process (starts programs; also run under ASan, as units are), tsan (also run under
# TSan), serial (never beside another test). NO_PCH: with a precompiled <string>, g++ 12 sees 'c' + std::string{text} copy
# beyond bounds that are not there.
add_custom_target(tsan_tests)
function(tradebus_test name)
  cmake_parse_arguments(arg "CAF;NO_PCH" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:tradebus_test_main>)
  target_link_libraries(${name} PRIVATE tradebus_options Boost::unit_test_framework ${arg_DEPS})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK TRADEBUS_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # They take more time to compile than to run. At -O1 g++ 12 sees frees of what was never allocated that are not there.
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1 -Wno-free-nonheap-object>)
  if(arg_CAF)
    target_link_libraries(${name} PRIVATE caf::core spdlog::spdlog)
    target_precompile_headers(${name} REUSE_FROM tradebus_caf_test_pch)
  elseif(NOT arg_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM tradebus_test_pch)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} --log_level=message)
  set(labels ${arg_LABELS})
  if(NOT labels MATCHES "unit|process")
    list(APPEND labels unit)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "${labels}")
  if("tsan" IN_LIST labels)
    add_dependencies(tsan_tests ${name})
  endif()
  if("serial" IN_LIST labels)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()
