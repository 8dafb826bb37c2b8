# cmake -DFOLDER=config/calendars -DOUT=shipped.cpp -P embed_calendars.cmake: the folder's *.toml as one C++ file.
file(GLOB files ${FOLDER}/*.toml)
set(entries "")
foreach(path ${files})
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(FIND "${text}" ")toml\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${path} has )toml\" in it")
  endif()
  string(APPEND entries "    {\"built-in calendars/${name}\", R\"toml(${text})toml\"},\n")
endforeach()
file(WRITE ${OUT} "// Generated from config/calendars.
#include <array>

#include \"engine/calendar/shipped.hpp\"

namespace tradebus {
namespace {
constexpr auto files = std::to_array<ShippedFile>({
${entries}});
}  // namespace
std::span<const ShippedFile> shipped_calendar_files() { return files; }
}  // namespace tradebus
")
