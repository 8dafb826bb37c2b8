#include "actors/providers/replay/recorded_file.hpp"

#include <glob.h>
#include <sys/stat.h>

#include "actors/providers/replay/file_reader.hpp"

namespace tradebus::replay {

namespace {

tl::unexpected<Error> bad_file(const std::string& path, const std::string& why) {
  return fail(Errc::config_invalid, "replay file " + path + ": " + why + " (providers.replay.files)");
}

// Bars of one length end in the order in which they start; a look at the first rows tells whether there are more.
bool has_mixed_timeframes(const RecordedFile& file) {
  constexpr int rows_looked_at = 1'000;
  SymbolTable symbols;
  auto reader = FileReader::open(file, symbols, {.order = FileReader::Order::recorded, .keys_only = true});
  if (!reader) return false;
  Row first;
  Row row;
  if (!reader->next(first)) return false;
  for (int i = 1; i < rows_looked_at && reader->next(row); ++i)
    if (row.timeframe != first.timeframe) return true;
  return false;
}

Result<RecordedFile> look_at(const std::string& path) {
  RecordedFile file;
  file.path = path;
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0) file.bytes = static_cast<std::uint64_t>(about.st_size);
  auto lines = LineReader::open(path, nullptr);
  if (!lines) return bad_file(path, lines.error().message + "; check the path");
  std::string_view header;
  switch (lines->next(header)) {
    case LineReader::Got::line:
      break;
    case LineReader::Got::too_long:
      return bad_file(path, "the first line is longer than a header; this is no recording");
    case LineReader::Got::end:
      if (!lines->failure().empty()) return bad_file(path, lines->failure() + "; fetch or pack the file again");
      return bad_file(path, "is empty; a recording begins with its header line");
  }
  auto columns = parse_header(header);
  if (!columns) return bad_file(path, columns.error().message);
  file.columns = *columns;
  file.mixed_timeframes = file.columns.kind == FileKind::bars && has_mixed_timeframes(file);
  SymbolTable symbols;
  auto reader = FileReader::open(file, symbols, {.keys_only = false});
  if (!reader) return bad_file(path, reader.error().message);
  Row row;
  file.has_rows = reader->next(row);
  file.first_due = row.due;
  if (!file.has_rows && !reader->failure().empty())
    return bad_file(path, reader->failure() + "; fetch or pack the file again");
  return file;
}

}  // namespace

Result<std::vector<std::string>> expand(const std::vector<std::string>& patterns) {
  std::vector<std::string> out;
  for (const auto& pattern : patterns) {
    if (pattern.find_first_of("*?[") == std::string::npos) {
      out.push_back(pattern);
    } else {
      glob_t found{};
      const int code = ::glob(pattern.c_str(), 0, nullptr, &found);
      for (std::size_t i = 0; code == 0 && i < found.gl_pathc; ++i) out.emplace_back(found.gl_pathv[i]);
      ::globfree(&found);
      if (code != 0) return bad_file(pattern, "no file matches; check the path");
    }
    if (out.size() > files_max)
      return fail(Errc::config_invalid, "providers.replay.files names more than " + std::to_string(files_max) +
                                            " files; join them, or replay fewer");
  }
  if (out.empty())
    return fail(Errc::config_invalid,
                "providers.replay.files is empty: name the recordings to replay, such as [\"quotes.csv.gz\", "
                "\"trades.csv.gz\"]");
  return out;
}

Result<Recording> open_recording(const std::vector<std::string>& paths) {
  auto files = std::make_shared<std::vector<RecordedFile>>();
  bool any_rows = false;
  for (const auto& path : paths) {
    auto file = look_at(path);
    if (!file) return tl::unexpected{file.error()};
    any_rows = any_rows || file->has_rows;
    files->push_back(std::move(*file));
  }
  if (!any_rows) return bad_file(paths.front(), "neither this nor any other file has a good row; nothing to replay");
  return files;
}

}  // namespace tradebus::replay
