// News. Texts are UTF-8; what articles and headlines carry besides is taken off by text.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/reader.hpp"
#include "bus/model/time.hpp"

namespace tradebus::ibkr::wire {

// 83
struct NewsArticle {
  std::int32_t req_id = 0;
  std::int32_t type = 0;  // 0 text or HTML, 1 a PDF in base64
  std::string text;
};
// 84
struct TickNews {
  std::int32_t req_id = 0;
  Timestamp at{};
  std::string provider;
  std::string article_id;
  std::string headline;
  std::string extra;
};
// 85
struct NewsProviders {
  struct Row {
    std::string code;
    std::string name;
  };
  std::vector<Row> rows;
};
// 86
struct HistoricalNews {
  std::int32_t req_id = 0;
  std::string time;  // "2026-04-14 14:58:42.0", UTC
  std::string provider;
  std::string article_id;
  std::string headline;
};
// 87
struct HistoricalNewsEnd {
  std::int32_t req_id = 0;
  bool has_more = false;
};

void read(Reader& r, NewsArticle& m);
void read(Reader& r, TickNews& m);
void read(Reader& r, NewsProviders& m);
void read(Reader& r, HistoricalNews& m);
void read(Reader& r, HistoricalNewsEnd& m);

}  // namespace tradebus::ibkr::wire
