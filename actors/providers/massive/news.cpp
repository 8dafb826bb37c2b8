#include "actors/providers/massive/news.hpp"

#include "actors/providers/massive/page_reader.hpp"
#include "actors/providers/massive/symbols.hpp"

namespace tradebus::massive {

namespace {

std::optional<NewsItem> news_row(json::Reader& reader, json::Value& object) {
  NewsItem out;
  std::optional<Timestamp> published;
  reader.fields("row", object, [&](std::string_view key, json::Value& value) {
    if (key == "id") {
      out.id = reader.text(key, value).value_or("");
    } else if (key == "title") {
      out.title = reader.text(key, value).value_or("");
    } else if (key == "published_utc") {
      published = reader.utc(key, value);
    } else if (key == "article_url") {
      out.url = reader.text(key, value).value_or("");
    } else if (key == "description") {
      out.summary = reader.text(key, value);
      if (out.summary && out.summary->empty()) out.summary.reset();
    } else if (key == "publisher") {
      reader.fields(key, value, [&](std::string_view k, json::Value& v) {
        if (k == "name") out.publisher = reader.text(k, v).value_or("");
      });
    } else if (key == "tickers") {
      reader.elements(key, value, [&](json::Value& element) {
        const auto ticker = reader.text("tickers", element);
        if (auto symbol = from_rest(ticker.value_or(""))) out.symbols.push_back(symbol->str());
      });
    }
  });
  if (out.id.empty()) reader.mark("id", "is missing");
  if (out.title.empty()) reader.mark("title", "is missing");
  if (!published) {
    reader.mark("published_utc", "is missing");
    return std::nullopt;
  }
  out.ts = *published;
  return out;
}

}  // namespace

Result<Page<NewsItem>> decode_news(std::string_view body) { return read_page<NewsItem>(body, "results", news_row); }

}  // namespace tradebus::massive
