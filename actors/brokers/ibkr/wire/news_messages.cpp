#include "actors/brokers/ibkr/wire/news_messages.hpp"

#include "actors/brokers/ibkr/wire/text.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"

namespace tradebus::ibkr::wire {

void read(Reader& r, NewsArticle& m) {
  r(m.req_id, m.type, m.text);
  m.text = to_utf8(m.text);
}

void read(Reader& r, TickNews& m) {
  r(m.req_id);
  read_millis(r, m.at);
  r(m.provider, m.article_id, m.headline, m.extra);
  m.headline = to_utf8(m.headline);
}

void read(Reader& r, NewsProviders& m) {
  r.list(m.rows, 2, [](Reader& in, NewsProviders::Row& row) { in(row.code, row.name); });
}

void read(Reader& r, HistoricalNews& m) {
  r(m.req_id, m.time, m.provider, m.article_id, m.headline);
  m.headline = to_utf8(m.headline);
}

void read(Reader& r, HistoricalNewsEnd& m) { r(m.req_id, m.has_more); }

}  // namespace tradebus::ibkr::wire
