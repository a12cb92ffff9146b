#include "core/metadata/metadata_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <limits>
#include <string>
#include <vector>

namespace seshat::metadata {
namespace {

namespace bj = boost::json;

// Receives the object piece by piece, and keeps no more of it than the limits allow.
class Handler {
 public:
  // Ours are the collector's limits; the parser needs none of its own.
  static constexpr size_t max_object_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_array_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_key_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_string_size = std::numeric_limits<size_t>::max();

  Handler(MetadataCollector& collector, uint64_t first_line) : collector_(collector), line_(first_line) {}

  uint64_t line() const { return line_; }
  void NextLine() { ++line_; }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) {
    parents_.push_back(path_.size());
    return true;
  }
  bool on_object_end(size_t, bj::error_code&) {
    path_.resize(parents_.back());
    parents_.pop_back();
    return true;
  }
  bool on_array_begin(bj::error_code&) { return true; }
  bool on_array_end(size_t, bj::error_code&) { return true; }

  bool on_key_part(bj::string_view s, size_t, bj::error_code&) {
    Append(text_, s, collector_.options().max_key_bytes);
    return true;
  }
  bool on_key(bj::string_view s, size_t n, bj::error_code& error) {
    on_key_part(s, n, error);
    path_.resize(parents_.back());
    // An empty name makes the whole key empty or end with a dot: the collector, or the reader, sees it.
    if (!path_.empty()) Append(path_, ".", collector_.options().max_key_bytes);
    Append(path_, text_, collector_.options().max_key_bytes);
    text_.clear();
    return true;
  }
  bool on_string_part(bj::string_view s, size_t, bj::error_code&) {
    Append(text_, s, collector_.options().max_value_bytes);
    return true;
  }
  bool on_string(bj::string_view s, size_t n, bj::error_code& error) {
    on_string_part(s, n, error);
    return Add();
  }
  bool on_number_part(bj::string_view s, bj::error_code& error) { return on_string_part(s, 0, error); }
  bool on_int64(int64_t, bj::string_view s, bj::error_code& error) { return on_string(s, 0, error); }
  bool on_uint64(uint64_t, bj::string_view s, bj::error_code& error) { return on_string(s, 0, error); }
  bool on_double(double, bj::string_view s, bj::error_code& error) { return on_string(s, 0, error); }
  bool on_bool(bool b, bj::error_code& error) { return on_string(b ? "true" : "false", 0, error); }
  bool on_null(bj::error_code&) { return Add(); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  // Up to a little more than the limit, so that the collector sees that it was passed.
  static void Append(std::string& out, std::string_view text, size_t limit) {
    constexpr size_t kMore = 4;
    out += text.substr(0, limit + kMore - std::min(out.size(), limit + kMore));
  }

  bool Add() {
    collector_.Add(line_, path_, text_);
    text_.clear();
    return true;
  }

  MetadataCollector& collector_;
  uint64_t line_;
  std::string path_;             // dotted key of the value that comes next
  std::vector<size_t> parents_;  // its length at the start of each open object
  std::string text_;             // key or value under construction
};

bj::parse_options Options(const MetadataTextOptions& limits) {
  bj::parse_options options;
  options.max_depth = limits.max_depth;
  options.allow_invalid_utf8 = true;  // the collector replaces it and says so
  return options;
}

}  // namespace

struct MetadataJson::State {
  State(MetadataCollector& c, uint64_t first_line) : collector(c), parser(Options(c.options()), c, first_line) {}

  void Write(bool more, std::string_view text) {
    if (collector.stopped()) return;
    bj::error_code error;
    const size_t used = parser.write_some(more, text.data(), text.size(), error);
    const uint64_t line = parser.handler().line();
    if (error == bj::error::too_deep) {
      collector.Stop(line, fmt::format("nested deeper than {}: the rest was left out", collector.options().max_depth));
    } else if (error) {
      collector.Stop(line, fmt::format("not valid JSON ({}): the rest was left out", error.message()));
    } else if (used < text.size()) {
      collector.Stop(line, "text behind the JSON object was left out");
    }
  }

  MetadataCollector& collector;
  bj::basic_parser<Handler> parser;
};

MetadataJson::MetadataJson(MetadataCollector& collector, uint64_t first_line)
    : state_(std::make_unique<State>(collector, first_line)) {}
MetadataJson::~MetadataJson() = default;

// Line by line, so that the handler knows where it is.
void MetadataJson::Feed(std::string_view text) {
  while (!text.empty() && !state_->collector.stopped()) {
    const size_t newline = text.find('\n');
    const size_t length = newline == std::string_view::npos ? text.size() : newline + 1;
    state_->Write(true, text.substr(0, length));
    if (newline != std::string_view::npos) state_->parser.handler().NextLine();
    text.remove_prefix(length);
  }
}

void MetadataJson::Finish() { state_->Write(false, ""); }

}  // namespace seshat::metadata
