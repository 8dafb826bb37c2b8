// Writes Prometheus' exposition text (format 0.0.4). Samples of one metric must follow one another: HELP and TYPE are
// written when the name changes. One owner, no lock.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tradebus {

class MetricsText {
 public:
  struct Label {
    std::string_view name;   // [a-zA-Z_][a-zA-Z0-9_]*
    std::string_view value;  // anything
  };
  using Labels = std::initializer_list<Label>;

  // Only ever rises while the process lives; its name ends in _total.
  template <class N>
  requires std::integral<N> || std::floating_point<N>
  void counter(std::string_view name, std::string_view help, N value, Labels labels = {}) {
    sample(name, "counter", help, value, labels);
  }
  template <class N>
  requires std::integral<N> || std::floating_point<N>
  void gauge(std::string_view name, std::string_view help, N value, Labels labels = {}) {
    sample(name, "gauge", help, value, labels);
  }

  const std::string& text() const { return out_; }
  std::string take() {
    last_.clear();
    return std::exchange(out_, {});
  }

 private:
  template <class N>
  void sample(std::string_view name, std::string_view type, std::string_view help, N value, Labels labels) {
    if (name != last_) {
      last_ = name;
      append({"# HELP ", name, " "});
      escape(help, false);
      append({"\n# TYPE ", name, " ", type, "\n"});
    }
    out_ += name;
    char before = '{';
    for (const auto& label : labels) {
      out_ += before;
      append({label.name, "=\""});
      escape(label.value, true);
      out_ += '"';
      before = ',';
    }
    if (labels.size() != 0) out_ += '}';
    out_ += ' ';
    number(value);
    out_ += '\n';
  }

  template <class N>
  void number(N value) {
    if constexpr (std::same_as<N, bool>) {
      out_ += value ? '1' : '0';
    } else {
      if constexpr (std::floating_point<N>) {
        if (std::isnan(value)) return append({"NaN"});
        if (std::isinf(value)) return append({value > 0 ? "+Inf" : "-Inf"});
      }
      char digits[32];  // a double's shortest text takes 24
      const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
      out_.append(digits, end);
    }
  }
  void append(std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) out_ += part;
  }
  void escape(std::string_view text, bool quotes) {
    for (const char c : text) {
      if (c == '\n') {
        out_ += "\\n";
        continue;
      }
      if (c == '\\' || (quotes && c == '"')) out_ += '\\';
      out_ += c;
    }
  }

  std::string out_;
  std::string last_;
};

}  // namespace tradebus
