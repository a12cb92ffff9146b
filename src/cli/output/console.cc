#include "cli/output/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "composition/config/units.h"
#include "core/base/utf8.h"
#include "platform/posix/posix_error.h"

namespace seshat::cli {
namespace {

// Code points, which is what most terminals show in one column each, without the marks of this console.
size_t Width(std::string_view text) {
  size_t width = 0;
  bool mark = false;  // between ESC and 'm'
  for (const char c : text) {
    if (c == '\x1b') mark = true;
    if (!mark && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++width;
    if (c == 'm') mark = false;
  }
  return width;
}

constexpr std::chrono::milliseconds kOnTerminal{200};
constexpr std::chrono::minutes kElsewhere{1};

}  // namespace

Console::Console(const ConsoleOptions& options)
    : out_(options.out),
      err_(options.err),
      color_(options.color),
      quiet_(options.quiet),
      out_is_terminal_(isatty(fileno(options.out)) == 1),
      err_is_terminal_(isatty(fileno(options.err)) == 1) {}

void Console::Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), out_) != text.size()) failed_ = true;
}

void Console::PrintLine(std::string_view line) {
  Print(line);
  Print("\n");
}

void Console::Note(std::string_view line) {
  if (!quiet_) fmt::print(err_, "{}\n", line);
}

void Console::Warn(std::string_view line) {
  fmt::print(err_, "{}: {}\n", color_for_messages() ? "\x1b[33mwarning\x1b[0m" : "warning", line);
}

void Console::PrintError(std::string_view line) {
  fmt::print(err_, "{}: {}\n", color_for_messages() ? "\x1b[31merror\x1b[0m" : "error", line);
}

Status Console::Flush() {
  if (std::fflush(out_) == 0 && !failed_) return {};
  return std::unexpected(posix::PosixError(errno == 0 ? EIO : errno, "writing to stdout"));
}

std::string Console::Bold(std::string_view text) const {
  return color_ && out_is_terminal_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

std::string Console::Dim(std::string_view text) const {
  return color_ && out_is_terminal_ ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
}

std::string Console::Mark(std::string_view text) const {
  return color_ && out_is_terminal_ ? fmt::format("\x1b[1;31m{}\x1b[0m", text) : std::string(text);
}

std::string TextTable::ToString(const std::vector<size_t>& right) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - Width(row[i]), ' ');
      const bool to_the_right = std::ranges::find(right, i) != right.end();
      line += (i == 0 ? "" : "  ") + (to_the_right ? pad + row[i] : row[i] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

Progress::Progress(Console& console, std::string_view noun, uint64_t total_items, uint64_t total_bytes)
    : console_(console),
      noun_(noun),
      total_items_(total_items),
      total_bytes_(total_bytes),
      begin_(std::chrono::steady_clock::now()),
      shown_(begin_) {}

Progress::~Progress() {
  if (console_.err_is_terminal() && shown_ != begin_) Show(true);
}

void Progress::Advance(uint64_t items, uint64_t bytes) {
  items_ += items;
  bytes_ += bytes;
  if (console_.quiet()) return;
  const auto pause =
      console_.err_is_terminal() ? std::chrono::milliseconds(kOnTerminal) : std::chrono::milliseconds(kElsewhere);
  if (std::chrono::steady_clock::now() - shown_ >= pause) Show(false);
}

std::string Progress::Line(std::chrono::steady_clock::time_point now) const {
  const double seconds = std::max(0.001, std::chrono::duration<double>(now - begin_).count());
  const double rate = static_cast<double>(bytes_) / seconds;
  std::string line =
      fmt::format("{} of {} {}, {} of {}, {}/s", items_, total_items_, noun_, composition::HumanSize(bytes_),
                  composition::HumanSize(total_bytes_), composition::HumanSize(static_cast<uint64_t>(rate)));
  if (rate > 0 && bytes_ < total_bytes_) {
    const double left = static_cast<double>(total_bytes_ - bytes_) / rate;
    line += fmt::format(", {} left",
                        composition::HumanDuration(std::chrono::milliseconds(static_cast<int64_t>(left * 1000))));
  }
  return line;
}

void Progress::Show(bool last) {
  shown_ = std::chrono::steady_clock::now();
  const std::string line = Line(shown_);
  if (console_.err_is_terminal()) {
    fmt::print(console_.err(), "\r\x1b[K{}{}", line, last ? "\n" : "");
    (void)std::fflush(console_.err());
  } else if (!last) {
    fmt::print(console_.err(), "{}\n", line);
  }
}

}  // namespace seshat::cli
