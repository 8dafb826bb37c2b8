// What holds for the arguments of every command.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace tradebus::cli {

// The option or argument that was given without a value (`--limit ''`, `--limit=`): a variable of a script that was
// not set. Never the same as not given, for then a limit order would be a market order. To be asked after the parse.
std::optional<std::string> given_without_value(const CLI::App& app);
// The same of `--limit=`, for which the parser would take the next word. To be asked before the parse.
std::optional<std::string> cut_short(int argc, const char* const* argv);

// 0 to 2^63 - 1, digits alone: a sign would wrap around.
const CLI::Validator& whole_number();

}  // namespace tradebus::cli
