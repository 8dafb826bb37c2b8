// How `tradebus` ends. Documented in --help and docs/cli.md: scripts rely on the numbers.
#pragma once

namespace tradebus::cli {

enum ExitCode : int {
  exit_ok = 0,
  exit_usage = 1,      // bad arguments, a file that cannot be written, ...
  exit_refused = 2,    // the daemon said no
  exit_no_daemon = 3,  // nobody answers
  exit_data_lost = 4,  // messages were lost and could not be fetched again
};

inline constexpr const char* exit_codes_text =
    "Exit codes:\n"
    "  0  ok (also after Ctrl-C in watch, record and events --follow)\n"
    "  1  usage or local error\n"
    "  2  the daemon said no; standard error has \"code: message\"\n"
    "  3  no daemon answers at the endpoint\n"
    "  4  data was lost and could not be fetched again";

}  // namespace tradebus::cli
