// Tables as text: comma, semicolon or tabulator between the fields, quotes around them where needed (RFC 4180).
#include <algorithm>
#include <array>

#include "formats.h"

namespace seshat::statistics {
namespace {

constexpr size_t kMaxFieldBytes = 256;  // the rest of a longer field is dropped: it is no number
constexpr size_t kLinesLookedAt = 5;

// Cuts the text that it is fed into rows; quotes may stretch over several pieces.
template <typename OnRow>
class RowCutter {
 public:
  RowCutter(char delimiter, OnRow on_row) : delimiter_(delimiter), on_row_(std::move(on_row)) {}

  void Feed(std::string_view text) {
    for (const char c : text) {
      if (c == '"') {
        quoted_ = !quoted_;
      } else if (quoted_) {
        Put(c);
      } else if (c == delimiter_) {
        EndField();
      } else if (c == '\n') {
        EndRow();
      } else {
        Put(c);
      }
    }
  }
  void Finish() {
    if (!field_.empty() || !row_.empty()) EndRow();
  }

 private:
  void Put(char c) {
    if (field_.size() < kMaxFieldBytes) field_ += c;
  }
  void EndField() {
    if (row_.size() < kMaxChannels) row_.push_back(std::move(field_));
    field_.clear();
  }
  void EndRow() {
    EndField();
    if (row_.size() > 1 || !Trim(row_.front()).empty()) on_row_(row_);
    row_.clear();
  }

  char delimiter_;
  OnRow on_row_;
  bool quoted_ = false;
  std::string field_;
  std::vector<std::string> row_;
};

class Table {
 public:
  void Add(const std::vector<std::string>& row) {
    const bool first = channels.empty();
    const bool header = first && std::ranges::any_of(row, [](const std::string& cell) {
                          return !Trim(cell).empty() && !ParseNumber(cell);
                        });
    for (size_t i = 0; i < row.size(); ++i) {
      if (i == channels.size())
        channels.push_back({.name = header ? std::string(Trim(row[i])) : "column " + std::to_string(i + 1)});
      if (header) continue;
      if (const auto value = ParseNumber(row[i])) channels[i].Add(*value);
    }
  }
  std::vector<Channel> channels;
};

}  // namespace

std::optional<char> LooksLikeCsv(std::string_view beginning) {
  if (beginning.find('\0') != std::string_view::npos) return std::nullopt;
  for (const char delimiter : {',', ';', '\t'}) {
    std::vector<std::pair<size_t, size_t>> rows;  // fields, numbers among them
    RowCutter cutter(delimiter, [&](const std::vector<std::string>& row) {
      const auto numbers = std::ranges::count_if(row, [](const auto& cell) { return ParseNumber(cell).has_value(); });
      rows.emplace_back(row.size(), static_cast<size_t>(numbers));
    });
    cutter.Feed(beginning.substr(0, beginning.rfind('\n') + 1));
    if (rows.size() < 2 || rows[0].first < 2) continue;
    rows.resize(std::min(rows.size(), kLinesLookedAt));
    const bool even = std::ranges::all_of(rows, [&](const auto& row) { return row.first == rows[0].first; });
    if (even && rows[1].second > 0) return delimiter;
  }
  return std::nullopt;
}

Analysis AnalyseCsv(FileReader& file, char delimiter) {
  file.Rewind();
  Table table;
  RowCutter cutter(delimiter, [&](const std::vector<std::string>& row) { table.Add(row); });
  std::array<char, 65536> buffer;
  while (const size_t n = file.ReadSome(buffer.data(), buffer.size())) cutter.Feed({buffer.data(), n});
  cutter.Finish();
  return {.format = "csv", .channels = std::move(table.channels)};
}

}  // namespace seshat::statistics
