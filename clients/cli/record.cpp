// record
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "clients/cli/commands.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/listening.hpp"
#include "clients/cli/recording.hpp"
#include "clients/cli/topics.hpp"

namespace tradebus::cli {

namespace {

using namespace std::chrono_literals;
using client::Message;
using client::Value;

struct RecordOptions {
  std::vector<std::string> topics;
  std::string file;
  Until until;
};

class Recorder {
 public:
  explicit Recorder(Context& ctx) : ctx_{ctx} {}

  // Creates the files: one, or one a kind.
  client::Expected<bool> create(const std::string& path, const std::set<RecordKind>& kinds) {
    for (const auto kind : kinds) {
      auto file = RecordFile::create(kinds.size() == 1 ? path : insert_word(path, file_word(kind)), kind);
      if (!file) return file.error();
      files_.emplace(kind, std::move(*file));
    }
    return true;
  }

  void note_gap(const client::Gap& gap) {
    if (gap.complete()) {
      refilled_ += gap.recovered;
      return;
    }
    lose(std::to_string(gap.before - gap.after - 1 - gap.recovered) + " messages of " + gap.topic + " between seq " +
         std::to_string(gap.after) + " and " + std::to_string(gap.before) + " are lost");
  }
  void note_epoch(bool new_epoch) {
    if (new_epoch) lose("the daemon was restarted; what came between is not in the recording");
  }

  bool take(const Message& message) {
    if (message.kind() == client::Kind::status) {
      const auto status = message.as<client::Status>();
      // A hole upstream: the daemon itself never had it. The last state is old news when it comes as a snapshot.
      if (status.state == "gap" && !message.snapshot())
        lose("a hole upstream in " + std::string{client::topic_key(message.topic())} +
             (status.reason.empty() ? "" : ": " + status.reason));
      if (status.state == "rejected") {
        ctx_.warn(std::string{client::topic_key(message.topic())} + " is rejected" +
                  (status.reason.empty() ? "" : ": " + status.reason));
      }
      return false;
    }
    const auto kind = record_kind(message.topic());
    const auto file = kind ? files_.find(*kind) : files_.end();
    if (file == files_.end()) return false;
    const auto row = csv_row(message, *kind);
    if (row.empty()) return false;
    file->second.write(row);
    return true;
  }

  // Twice a second: a recording that is read while it grows, or cut off by a power failure, has almost everything.
  void flush() {
    const auto now = std::chrono::steady_clock::now();
    if (now - flushed_ < 500ms) return;
    flushed_ = now;
    for (auto& [kind, file] : files_) {
      auto& rows = flushed_rows_[kind];
      if (rows == file.rows()) continue;
      rows = file.rows();
      file.flush();
    }
  }

  int close() {
    int code = lost_ ? exit_data_lost : exit_ok;
    for (auto& [kind, file] : files_) {
      const auto rows = file.rows();
      if (!file.close()) code = ctx_.usage("cannot write all of " + file.path() + ": is the disk full?");
      report(kind, file.path(), rows);
    }
    return code;
  }

 private:
  void lose(const std::string& what) {
    lost_ = true;
    ctx_.warn(what);
  }
  void report(RecordKind kind, const std::string& path, std::uint64_t rows) const {
    if (ctx_.json()) {
      Value out;
      out.set("file", path)
          .set("kind", file_word(kind))
          .set("rows", rows)
          .set("refilled", refilled_)
          .set("lost", lost_);
      std::printf("%s\n", to_json(out).c_str());
    } else {
      std::fprintf(stderr, "%s: %llu rows\n", path.c_str(), static_cast<unsigned long long>(rows));
    }
  }

  Context& ctx_;
  std::map<RecordKind, RecordFile> files_;
  std::map<RecordKind, std::uint64_t> flushed_rows_;
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
  std::uint64_t refilled_ = 0;
  bool lost_ = false;
};

// The topic that tells of holes upstream: status|quote|AAPL| for quote|AAPL|, status|quote| for a prefix or feed.
std::string status_topic(const std::string& topic) {
  return client::topic_kind(topic) == client::Kind::feed ? "status|" + topic.substr(topic.find('|') + 1)
                                                         : "status|" + topic;
}

int record(Context& ctx, const RecordOptions& o) {
  std::vector<std::string> topics;
  std::set<RecordKind> kinds;
  for (const auto& text : o.topics) {
    const auto topic = parse_topic(text);
    const auto kind = topic ? record_kind(*topic) : std::nullopt;
    if (!kind)
      return ctx.usage("\"" + text +
                       "\" cannot be recorded; give topics like quote:AAPL, trade:AAPL, bar_1m:AAPL or feed:quote");
    topics.push_back(*topic);
    kinds.insert(*kind);
  }
  auto stream = ctx.stream();
  if (!stream) return ctx.fail(stream.error());
  Recorder recorder{ctx};
  if (auto created = recorder.create(o.file, kinds); !created) return ctx.usage(created.error().message);
  catch_interrupts();
  stream->on_gap = [&](const client::Gap& gap) { recorder.note_gap(gap); };
  stream->on_connected = [&](std::uint64_t, bool new_epoch) { recorder.note_epoch(new_epoch); };
  Endings endings;
  for (const auto& topic : topics) {
    endings.expect(topic);
    stream->subscribe(status_topic(topic));
    stream->subscribe(topic);
  }
  const int ended = listen(
      ctx, *stream, o.until, endings, [&](const Message& m) { return recorder.take(m); }, [&] { recorder.flush(); });
  const int closed = recorder.close();
  return ended != exit_ok ? ended : closed;
}

}  // namespace

void add_record_command(Commands& commands) {
  auto o = std::make_shared<RecordOptions>();
  auto* command = commands.add("record", "Record topics into files that the replay provider reads",
                               [o](Context& ctx) { return record(ctx, *o); });
  command->add_option("topics", o->topics, "quote:AAPL trade:AAPL bar_1m:AAPL, feed:quote, or \"quote|AAPL|\"")
      ->required();
  command
      ->add_option("-o,--output", o->file,
                   "the file; .gz compresses; with several kinds each gets its own (rec.quotes.csv.gz)")
      ->required();
  command->add_option("--for", o->until.seconds, "end after so many seconds")->check(CLI::PositiveNumber);
  command->add_option("--count", o->until.count, "end after so many rows")->check(CLI::PositiveNumber);
}

}  // namespace tradebus::cli
