#include "config/client_table.hpp"

#include <algorithm>

#include "config/names.hpp"

namespace tradebus::loading {

namespace {

constexpr std::size_t clients_max = 10'000;
constexpr std::size_t client_name_bytes_max = 64;
constexpr std::size_t accounts_max = 1'000;
constexpr std::size_t key_chars = 40;  // 32 bytes in Z85 (ZeroMQ RFC 32)
constexpr std::string_view z85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = {"name", "public_key", "roles", "accounts"};
  return keys;
}
const std::vector<std::string>& known_roles() {
  static const std::vector<std::string> roles = {"read", "trade", "admin"};
  return roles;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

class ClientReader {
 public:
  ClientReader(const toml::table& table, const std::string& file, Problems& problems)
      : table_{table}, file_{file}, line_{table.source().begin.line}, problems_{problems} {}

  std::optional<BusClientSpec> read() {
    for (const auto& [key, node] : table_)
      if (std::ranges::find(known_keys(), key.str()) == known_keys().end())
        tell(key.source().begin.line,
             "key bus.client." + printable(key.str()) + " is not known" + name_hint(key.str(), known_keys()));
    BusClientSpec out;
    out.origin = file_ + ":" + std::to_string(line_);
    const auto name = text("name");
    if (name && (name->empty() || name->size() > client_name_bytes_max || !is_printable(*name)))
      tell(line_of("name"), "key bus.client.name must have 1 to 64 printable characters without spaces");
    const auto key = text("public_key");
    if (key && (key->size() != key_chars || key->find_first_not_of(z85) != std::string::npos))
      tell(line_of("public_key"), "key bus.client.public_key must be a CURVE public key: 40 characters in Z85");
    out.roles = texts("roles", true);
    for (const auto& role : out.roles)
      if (std::ranges::find(known_roles(), role) == known_roles().end())
        tell(line_of("roles"), "key bus.client.roles names \"" + printable(role) + "\", which is not a role" +
                                   name_hint(role, known_roles()));
    for (auto& account : texts("accounts", false)) out.accounts.emplace_back(std::move(account));
    if (!good_) return std::nullopt;
    out.name = ClientName{*name};
    out.public_key = *key;
    return out;
  }

 private:
  void tell(std::size_t line, const std::string& text) {
    good_ = false;
    problems_.add(file_ + ":" + std::to_string(line) + ": " + text, line);
  }
  std::size_t line_of(std::string_view key) const {
    const auto it = table_.find(key);
    return it == table_.end() ? line_ : static_cast<std::size_t>(it->first.source().begin.line);
  }
  const std::string* text(std::string_view key) {
    const auto* node = table_.get_as<std::string>(key);
    if (node != nullptr) return &node->get();
    tell(line_of(key), "key bus.client." + std::string{key} +
                           (table_.contains(key) ? " must be a text" : " is missing: every [[bus.client]] has one"));
    return nullptr;
  }
  std::vector<std::string> texts(std::string_view key, bool needed) {
    std::vector<std::string> out;
    if (!table_.contains(key) && !needed) return out;
    bool good = true;
    if (const auto* list = table_.get_as<toml::array>(key); list != nullptr && list->size() <= accounts_max) {
      for (const auto& entry : *list) {
        const auto* one = entry.as_string();
        good = good && one != nullptr && !one->get().empty() && is_printable(one->get()) &&
               std::ranges::find(out, one->get()) == out.end();
        if (good) out.push_back(one->get());
      }
    }
    if (!good || out.empty()) {
      tell(line_of(key), "key bus.client." + std::string{key} + " must be a list of different names, at least one" +
                             (needed ? " of " + name_list() : "; leave it out for every account"));
      out.clear();
    }
    return out;
  }
  static std::string name_list() {
    std::string out;
    for (const auto& role : known_roles()) out += (out.empty() ? "" : ", ") + role;
    return out;
  }

  const toml::table& table_;
  const std::string& file_;
  std::size_t line_;
  Problems& problems_;
  bool good_ = true;
};

}  // namespace

void read_clients(const toml::node& node, const std::string& file, std::vector<BusClientSpec>& clients,
                  Problems& problems) {
  const auto* list = node.as_array();
  const std::size_t line = node.source().begin.line;
  const auto tell = [&](std::size_t at, const std::string& text) {
    problems.add(file + ":" + std::to_string(at) + ": " + text, at);
  };
  if (list == nullptr || !list->is_array_of_tables())
    return tell(line, "bus.client is a list of tables: write [[bus.client]] for each client");
  if (list->size() > clients_max)
    return tell(line, "bus.client has more than " + std::to_string(clients_max) + " entries");
  for (const auto& entry : *list) {
    auto client = ClientReader{*entry.as_table(), file, problems}.read();
    if (!client) continue;
    const std::size_t at = entry.source().begin.line;
    if (std::ranges::find(clients, client->name, &BusClientSpec::name) != clients.end())
      tell(at, "client \"" + client->name.str() + "\" is there twice; names are unique");
    else if (std::ranges::find(clients, client->public_key, &BusClientSpec::public_key) != clients.end())
      tell(at, "client \"" + client->name.str() + "\" has the public key of another client; each has its own");
    else
      clients.push_back(std::move(*client));
  }
}

}  // namespace tradebus::loading
