// Ctrl-C and SIGTERM ask the program to end in order: files closed, terminal restored.
#pragma once

namespace tradebus::cli {

// From here on the two signals only set a flag (and wake a waiting call); a second one ends the program at once.
void catch_interrupts();
bool interrupted();

}  // namespace tradebus::cli
