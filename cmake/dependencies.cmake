# Everything comes from Debian's packages (script/bootstrap installs them).
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(msgpack REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS system unit_test_framework)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
# Its private dependencies' folders (-isystem ...) are of no use to us, and CMake hands them on in another way when it
# configures again, so that all users of ZeroMQ were built twice.
set_target_properties(PkgConfig::ZMQ PROPERTIES INTERFACE_COMPILE_OPTIONS "" INTERFACE_INCLUDE_DIRECTORIES "")
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
find_path(TL_EXPECTED_INCLUDE tl/expected.hpp REQUIRED)

# Debian ships no CAFConfig.cmake, nor one for the date library's time zones.
find_library(CAF_CORE caf_core REQUIRED)
find_path(CAF_INCLUDE caf/all.hpp REQUIRED)
add_library(caf::core UNKNOWN IMPORTED)
set_target_properties(caf::core PROPERTIES IMPORTED_LOCATION ${CAF_CORE} INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE})
target_link_libraries(caf::core INTERFACE Threads::Threads)
find_library(DATE_TZ date-tz REQUIRED)
add_library(date::tz UNKNOWN IMPORTED)
set_target_properties(date::tz PROPERTIES IMPORTED_LOCATION ${DATE_TZ}
                      INTERFACE_COMPILE_DEFINITIONS "USE_OS_TZDB=1;HAS_REMOTE_API=0")
