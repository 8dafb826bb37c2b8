// Work that may ask for itself: asked for from within, it runs once more when it has ended, instead of inside itself.
// So what is answered at once costs no stack. One owner, no lock.
#pragma once

#include <utility>

namespace tradebus {

class NotWithin {
 public:
  template <class Work>
  void run(Work work) {
    is_asked_ = true;
    if (std::exchange(is_running_, true)) return;
    while (std::exchange(is_asked_, false)) work();
    is_running_ = false;
  }

 private:
  bool is_running_ = false;
  bool is_asked_ = false;
};

}  // namespace tradebus
