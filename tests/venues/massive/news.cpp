#include <algorithm>

#include "tests/venues/massive/endpoints.hpp"
#include "tests/venues/massive/page.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr int days_back = 60;

struct Article {
  Ns published = 0;
  std::vector<std::string> tickers;
  std::size_t kind = 0;
};

// One article a trading day and optionable stock, at a minute that its ticker gives.
std::vector<Article> articles(const Call& call) {
  std::vector<Article> out;
  const auto& listings = call.market.listings();
  for (Day day = call.today() - days_back; day <= call.today(); ++day) {
    if (!trades_on(day)) continue;
    for (std::size_t i = 0; i < listings.size(); ++i) {
      if (listings[i].delisted != 0) continue;
      const Ns published = (at(day, 8) + static_cast<Ms>(i * 17 % 600) * ms_per_minute) * ns_per_ms;
      if (published >= call.now) continue;
      Article& article = out.emplace_back();
      article.published = published;
      article.kind = (i + static_cast<std::size_t>(day)) % 3;
      article.tickers.push_back(listings[i].ticker);
      if (article.kind == 2 && i > 0) article.tickers.push_back(listings[i - 1].ticker);
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Article& a, const Article& b) { return a.published < b.published; });
  return out;
}

// `published_utc` and its ranges: a time, or a date.
bool published_within(const Query& query, Ns published) {
  const auto edge = [&](const char* name) -> std::optional<Ns> {
    const auto text = query.find(name);
    return text ? parse_utc(*text) : std::nullopt;
  };
  const auto exact = edge("published_utc");
  const bool date = query.get("published_utc").size() == 10;
  if (exact && (date ? published < *exact || published >= *exact + 86'400 * ns_per_s : published != *exact))
    return false;
  if (const auto x = edge("published_utc.gt"); x && published <= *x) return false;
  if (const auto x = edge("published_utc.gte"); x && published < *x) return false;
  if (const auto x = edge("published_utc.lt"); x && published >= *x) return false;
  if (const auto x = edge("published_utc.lte"); x && published > *x) return false;
  return true;
}

void write(Json& json, const Article& x) {
  constexpr const char* titles[] = {"Why shares of %s moved today", "%s: what analysts expect",
                                    "%s and a rival: \"which is cheaper\"?"};
  constexpr const char* sentiments[] = {"positive", "neutral", "negative"};
  const std::string& ticker = x.tickers.front();
  const std::string id = ticker + '-' + std::to_string(x.published / ns_per_s);
  std::string title = titles[x.kind];
  title.replace(title.find("%s"), 2, ticker);
  json.begin_object().field("id", id).key("publisher").begin_object().field("name", "The Simulated Wire");
  json.field("homepage_url", "https://www.example.com/").field("logo_url", "https://www.example.com/logo.svg");
  json.field("favicon_url", "https://www.example.com/favicon.ico")
      .end_object()
      .field("title", title)
      .field("author", "A. Writer");
  json.field("published_utc", utc_text(x.published)).field("article_url", "https://www.example.com/news/" + id);
  json.key("tickers").begin_array();
  for (const std::string& each : x.tickers) json.value(each);
  json.end_array();
  if (x.kind != 1) {  // description, image and insights are not always there
    json.field("image_url", "https://www.example.com/news/" + id + ".jpg")
        .field("description", "An invented article about " + ticker + ".");
    json.key("keywords").begin_array().value("investing").end_array().key("insights").begin_array();
    for (const std::string& each : x.tickers) {
      json.begin_object()
          .field("ticker", each)
          .field("sentiment", sentiments[x.kind])
          .field("sentiment_reasoning", "Invented.");
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace

// /v2/reference/news: newest first. An unknown ticker has no news, which is no error.
Answer news(const Call& call) {
  const auto limit = limit_of(call.query, 10, 1000);
  if (!limit) return bad_request(call, "Could not parse the limit.");
  auto rows = articles(call);
  std::erase_if(rows, [&](const Article& x) {
    return !published_within(call.query, x.published) ||
           std::none_of(x.tickers.begin(), x.tickers.end(),
                        [&](const std::string& ticker) { return wanted_text(call.query, "ticker", ticker); });
  });
  const auto page = page_of(call, rows, *limit, "desc");
  Json json;
  json.begin_array();
  for (const Article* row : page.rows) write(json, *row);
  json.end_array();
  return envelope(call, json.text(), static_cast<std::ptrdiff_t>(page.rows.size()), page.next_url, true);
}

}  // namespace tradebus::massive_sim
