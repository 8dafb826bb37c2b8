// What standard output is: a terminal of some size and with colours, or a pipe or file that wants plain text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tradebus::cli {

enum class Color { plain, bold, dim, red, green, yellow };

struct Terminal {
  bool tty = false;
  bool colors = false;  // a terminal, and NO_COLOR is not set
  std::size_t width = 80;
  std::size_t height = 24;

  // Of standard output, as it is now.
  static Terminal stdout_now();

  std::string paint(std::string_view text, Color color) const;
};

// How many cells the UTF-8 text takes (one a character: no wide scripts here).
std::size_t display_width(std::string_view text);
// The first `width` cells, with an ellipsis when something was cut off.
std::string shorten(std::string_view text, std::size_t width);

}  // namespace tradebus::cli
