#include "clients/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <cstdlib>

namespace tradebus::cli {

Terminal Terminal::stdout_now() {
  Terminal t;
  t.tty = isatty(STDOUT_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view{term} == "dumb";
  t.colors = t.tty && !dumb && (no_color == nullptr || *no_color == '\0');
  winsize size{};
  if (t.tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    t.width = size.ws_col;
    t.height = size.ws_row;
  }
  return t;
}

std::string Terminal::paint(std::string_view text, Color color) const {
  if (!colors || text.empty()) return std::string{text};
  const char* code = "";
  switch (color) {
    case Color::plain:
      return std::string{text};
    case Color::bold:
      code = "1";
      break;
    case Color::dim:
      code = "2";
      break;
    case Color::red:
      code = "31";
      break;
    case Color::green:
      code = "32";
      break;
    case Color::yellow:
      code = "33";
      break;
  }
  return std::string{"\x1b["} + code + "m" + std::string{text} + "\x1b[0m";
}

std::size_t display_width(std::string_view text) {
  std::size_t cells = 0;
  for (const char c : text) cells += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return cells;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string{text};
  if (width == 0) return {};
  std::size_t cells = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (starts && cells == width - 1) break;
    cells += starts ? 1U : 0U;
  }
  return std::string{text.substr(0, end)} + "…";
}

}  // namespace tradebus::cli
