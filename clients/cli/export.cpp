// export
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/commands.hpp"
#include "clients/cli/csv.hpp"
#include "clients/cli/interrupt.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/pages.hpp"

namespace tradebus::cli {

namespace {

using client::Expected;
using client::Value;

const std::vector<std::string> order_keys{"order_id",
                                          "client_order_id",
                                          "client",
                                          "broker",
                                          "account",
                                          "symbol",
                                          "side",
                                          "qty",
                                          "notional",
                                          "order_type",
                                          "limit_price",
                                          "stop_price",
                                          "trail_amount",
                                          "trail_percent",
                                          "time_in_force",
                                          "expires_at",
                                          "extended_hours",
                                          "status",
                                          "filled_qty",
                                          "leaves_qty",
                                          "avg_price",
                                          "broker_order_id",
                                          "reason",
                                          "created",
                                          "updated",
                                          "tag",
                                          "legs",
                                          "parent_id",
                                          "oco",
                                          "held",
                                          "external",
                                          "limit_offset",
                                          "target_strategy",
                                          "strategy_parameters"};

const std::vector<std::string> fill_keys{
    "seq",        "event",  "busted",  "ts",       "exec_id", "order_id", "client_order_id",
    "client",     "broker", "account", "symbol",   "side",    "qty",      "price",
    "commission", "legs",   "tag",     "parent_id"};

std::vector<std::string> event_keys() {
  std::vector<std::string> keys{"seq", "ts", "event"};
  for (const auto& key : order_keys) keys.push_back("order." + key);
  for (const auto* key : {"exec_id", "qty", "price", "commission", "ts", "legs"})
    keys.push_back("fill." + std::string{key});
  return keys;
}

struct ExportOptions {
  std::string what = "events";
  std::string format = "csv";
  std::string output, after, account;

  bool csv() const { return format == "csv"; }
};

// Standard output, or a file that appears under its name when it is whole.
class Output {
 public:
  explicit Output(std::string path) : path_{std::move(path)}, part_{path_ + ".part"} {
    if (!path_.empty()) file_ = std::fopen(part_.c_str(), "wb");
    if (file_ == nullptr) note_error();
  }
  ~Output() {
    if (path_.empty() || file_ == nullptr) return;
    std::fclose(file_);
    std::remove(part_.c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // False: it can't be written, error() says why.
  bool line(std::string text) {
    text += '\n';
    if (error_.empty() && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) note_error();
    return error_.empty();
  }
  bool finish() {
    if (!error_.empty()) return false;
    if (std::fflush(file_) != 0) note_error();
    if (path_.empty() || !error_.empty()) return error_.empty();
    if (std::fclose(std::exchange(file_, nullptr)) != 0 || std::rename(part_.c_str(), path_.c_str()) != 0) {
      note_error();
      std::remove(part_.c_str());
    }
    return error_.empty();
  }
  std::string error() const { return (path_.empty() ? "standard output" : path_) + ": " + error_; }

 private:
  void note_error() {
    if (error_.empty()) error_ = std::strerror(errno);
  }

  std::string path_, part_, error_;
  std::FILE* file_ = path_.empty() ? stdout : nullptr;
};

// Which executions were taken back, by the venue's names of them. As many as there are busts: few.
class Busts {
 public:
  void note(const Value& event) { found_.emplace(key_of(event), false); }
  bool is_busted(const Value& event) {
    const auto it = found_.find(key_of(event));
    if (it == found_.end()) return false;
    it->second = true;
    return true;
  }
  // Its fill is a row already, and says so.
  bool is_told(const Value& event) const {
    const auto it = found_.find(key_of(event));
    return it != found_.end() && it->second;
  }

 private:
  static std::string key_of(const Value& event) {
    const auto& order = event["order"];
    return order["broker"].text_or("") + '\n' + order["account"].text_or("") + '\n' +
           event["fill"]["exec_id"].text_or("");
  }
  std::map<std::string, bool> found_;
};

Value fill_row(const Value& event, bool busted) {
  Value row;
  row.set("seq", event["seq"]).set("event", event["event"]).set("busted", busted);
  row.merge(event["fill"]);
  for (const auto* key :
       {"order_id", "client_order_id", "client", "broker", "account", "symbol", "side", "tag", "parent_id"})
    row.set(key, event["order"][key]);
  return row;
}

class Export {
 public:
  Export(Context& ctx, const ExportOptions& o) : ctx_{ctx}, o_{o}, out_{o.output} {}

  int orders() {
    Value args;
    args.set("status", "all");
    if (!o_.account.empty()) args.set("account", o_.account);
    begin(order_keys);
    const auto read = read_orders(ctx_, args, o_.after, [&](const Value& order) { return write(order, order_keys); });
    return read ? end(false) : give_up(read.error());
  }

  int events(std::uint64_t after) {
    const auto end_seq = journal_end(after);
    if (!end_seq) return give_up(end_seq.error());
    const auto keys = event_keys();
    begin(keys);
    return finish(read(after, *end_seq, [&](const Value& event) { return write(event, keys); }));
  }

  // Twice through the journal: a fill's row comes before it is known that the fill is taken back.
  int fills(std::uint64_t after) {
    const auto end_seq = journal_end(after);
    if (!end_seq) return give_up(end_seq.error());
    Busts busts;
    const auto looked = read(after, *end_seq, [&](const Value& event) {
      if (event["event"].text_or("") == "bust") busts.note(event);
      return !interrupted();
    });
    if (!looked) return give_up(looked.error());
    begin(fill_keys);
    return finish(read(after, *end_seq, [&](const Value& event) {
      const auto kind = event["event"].text_or("");
      if (kind == "fill") return write(fill_row(event, busts.is_busted(event)), fill_keys);
      if (kind == "bust" && !busts.is_told(event)) return write(fill_row(event, true), fill_keys);
      return !interrupted();
    }));
  }

 private:
  // The last event as of now: what happens meanwhile is for the next time.
  Expected<std::uint64_t> journal_end(std::uint64_t after) {
    EventRange first{after, 0, 1, {}};
    const auto found = read_events(ctx_, first, [](const Value&) { return false; });
    if (!found) return found.error();
    return found->last_seq;
  }
  Expected<JournalEnd> read(std::uint64_t after, std::uint64_t until, const TakeRow& take) {
    if (until <= after) return JournalEnd{};
    EventRange range{after, until, 0, o_.account};
    return read_events(ctx_, range, take);
  }
  int finish(const Expected<JournalEnd>& read) { return read ? end(read->holes) : give_up(read.error()); }
  void begin(const std::vector<std::string>& keys) {
    if (o_.csv()) out_.line(csv_head(keys));
  }
  bool write(const Value& row, const std::vector<std::string>& keys) {
    return !interrupted() && out_.line(o_.csv() ? csv_line(row, keys) : to_json(row));
  }
  int end(bool holes) {
    if (interrupted()) return give_up({"client.interrupted", "the export was interrupted"});
    if (!out_.finish()) return ctx_.usage("cannot write " + out_.error());
    if (!holes) return exit_ok;
    ctx_.warn("older events are gone: the daemon keeps no journal on disk, or began a new one");
    return exit_data_lost;
  }
  int give_up(const client::Error& error) const { return ctx_.fail(error); }

  Context& ctx_;
  const ExportOptions& o_;
  Output out_;
};

bool may_be_order_id(const std::string& text) {
  return text.starts_with("o-") && text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

int run(Context& ctx, const ExportOptions& o) {
  std::uint64_t after = 0;
  if (o.what == "orders" && !o.after.empty() && !may_be_order_id(o.after))
    return ctx.usage("--after: \"" + o.after + "\" is no order_id; give that of an order of this daemon");
  if (o.what != "orders" && !o.after.empty()) {
    const bool digits = o.after.find_first_not_of("0123456789") == std::string::npos && o.after.size() < 19;
    if (!digits) return ctx.usage("--after: \"" + o.after + "\" is no seq; give the number of an event");
    after = std::stoull(o.after);
  }
  catch_interrupts();
  Export job{ctx, o};
  if (o.what == "orders") return job.orders();
  return o.what == "fills" ? job.fills(after) : job.events(after);
}

}  // namespace

void add_export_command(Commands& commands) {
  auto o = std::make_shared<ExportOptions>();
  auto* command = commands.add("export", "Write all orders, events or fills as CSV or JSON lines",
                               [o](Context& ctx) { return run(ctx, *o); });
  command->add_option("what", o->what, "events, fills (taken back ones are marked) or orders (their last state)")
      ->check(CLI::IsMember({"orders", "events", "fills"}))
      ->capture_default_str();
  command->add_option("--format", o->format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  command->add_option("--output,-o", o->output, "a file; without it standard output");
  command->add_option("--after", o->after, "only what came after this seq; of orders: after this order_id");
  command->add_option("--account", o->account, "only of this account");
}

}  // namespace tradebus::cli
