// The venue's text as bytes, and how to make UTF-8 of it. Pure; no input is an error.
#pragma once

#include <string>
#include <string_view>

namespace tradebus::ibkr::wire {

// Printable ASCII only: all that a field of a request may hold.
bool is_printable(std::string_view text);
// For messages: what is not printable becomes '?'.
std::string printable(std::string_view text);

bool is_utf8(std::string_view text);
// Itself when it is UTF-8, else read as Latin-1 (a TWS on a Windows that is not set to English).
std::string to_utf8(std::string_view text);
// \uXXXX as contracts' long names have it. A lone half of a pair becomes U+FFFD; what is no escape stays.
std::string unescape_unicode(std::string_view text);
// &#10; &#x27; &amp; &lt; &gt; &quot; &apos; &nbsp; as news articles have it. Others stay.
std::string unescape_html(std::string_view text);
// Without the "{A:800015:L:en}" and the "!" that may stand first.
std::string_view bare_headline(std::string_view text);

}  // namespace tradebus::ibkr::wire
