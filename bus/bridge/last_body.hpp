// A topic's name and its last message in one piece of memory: of status topics there are as many as of market topics.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

namespace tradebus {

class LastBody {
 public:
  LastBody(std::string_view name, std::string_view body) : name_size_{static_cast<std::uint32_t>(name.size())} {
    fill(name, body);
  }

  std::string_view name() const { return {data_.get(), name_size_}; }
  std::string_view body() const { return {data_.get() + name_size_, body_size_}; }
  // The name stays, so that an element of a set may be given a new body.
  void set(std::string_view body) const {
    if (body.size() <= capacity_ - name_size_) {
      std::memcpy(data_.get() + name_size_, body.data(), body.size());
      body_size_ = static_cast<std::uint32_t>(body.size());
      return;
    }
    const auto old = std::move(data_);
    fill({old.get(), name_size_}, body);
  }

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
    std::size_t operator()(const LastBody& b) const { return (*this)(b.name()); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const LastBody& a, const LastBody& b) const { return a.name() == b.name(); }
    bool operator()(std::string_view a, const LastBody& b) const { return a == b.name(); }
    bool operator()(const LastBody& a, std::string_view b) const { return a.name() == b; }
  };

 private:
  void fill(std::string_view name, std::string_view body) const {
    capacity_ = static_cast<std::uint32_t>((name.size() + body.size() + 8 + 15) / 16 * 16 - 8);  // what malloc gives
    data_ = std::make_unique_for_overwrite<char[]>(capacity_);
    std::memcpy(data_.get(), name.data(), name.size());
    std::memcpy(data_.get() + name.size(), body.data(), body.size());
    body_size_ = static_cast<std::uint32_t>(body.size());
  }

  mutable std::unique_ptr<char[]> data_;
  std::uint32_t name_size_ = 0;
  mutable std::uint32_t body_size_ = 0;
  mutable std::uint32_t capacity_ = 0;
};

}  // namespace tradebus
