// What survives the program's end, in a file of lines: orders, executions, accounts, the next ids. The last line of a
// kind and key counts; half a line at the end is dropped. At the start the file is written anew with what is in force.
#pragma once

#include <fstream>
#include <string>

#include "tests/venues/ibgw/book.hpp"

namespace tradebus::ibgw_sim {

class State {
 public:
  // Empty: nothing is kept. Throws std::runtime_error that names file and line.
  State(std::string file, Book& book, Accounts& accounts, const Contracts& contracts);

  void order(const Working& w);
  void execution(const Execution& e);
  void account(const Account& a);
  void next_id(int client, std::int64_t id);
  // All that was handed in is in the operating system's hands.
  void commit();

 private:
  void load(const Contracts& contracts);
  void load_line(const std::vector<std::string>& cells, const Contracts& contracts);
  void save_all();
  void line(const std::vector<std::string>& cells);

  std::string file_;
  Book& book_;
  Accounts& accounts_;
  std::ofstream out_;
  bool dirty_ = false;
};

}  // namespace tradebus::ibgw_sim
