// The user's calendar files, from disk.
#include <algorithm>
#include <filesystem>

#include "config/loading.hpp"
#include "config/names.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t files_max = 200;
constexpr std::size_t path_bytes_max = 4096;

Result<void> add_file(const std::string& path, std::vector<CalendarFile>& out) {
  if (out.size() == files_max)
    return fail(Errc::config_invalid, "more than " + std::to_string(files_max) + " calendar files");
  auto text = loading::read_file(path, file_bytes_max, false);
  const auto shown = printable(path, path_bytes_max);
  if (!text) return fail(Errc::config_invalid, "calendar file " + shown + " " + text.error().message);
  out.push_back({shown, std::move(*text)});
  return {};
}

Result<void> add_folder(const std::string& path, std::vector<CalendarFile>& out) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it{path, error}, end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".toml")) found.push_back(it->path().string());
    if (found.size() > files_max) break;
  }
  if (error)
    return fail(Errc::config_invalid,
                "calendar folder " + printable(path, path_bytes_max) + " cannot be read: " + error.message());
  std::ranges::sort(found);
  for (const auto& file : found)
    if (auto ok = add_file(file, out); !ok) return ok;
  return {};
}

}  // namespace

Result<std::vector<CalendarFile>> read_calendar_files(const std::vector<std::string>& paths,
                                                      const std::string& optional_folder) {
  std::vector<CalendarFile> out;
  std::error_code ignored;
  // The data directory's own folder first: what is named explicitly is said last, and holds.
  if (!optional_folder.empty() && fs::is_directory(optional_folder, ignored))
    if (auto ok = add_folder(optional_folder, out); !ok) return tl::unexpected{ok.error()};
  for (const auto& path : paths) {
    auto ok = fs::is_directory(path, ignored) ? add_folder(path, out) : add_file(path, out);
    if (!ok) return tl::unexpected{ok.error()};
  }
  return out;
}

}  // namespace tradebus
