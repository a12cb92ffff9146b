// Where a command prints: data on stdout, messages on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace seshat::cli {

struct ConsoleOptions {
  FILE* out = stdout;
  FILE* err = stderr;
  bool color = true;   // only ever on a terminal
  bool quiet = false;  // no progress and no notes
};

class Console {
 public:
  explicit Console(const ConsoleOptions& options);

  // Data. Text that came from outside goes through EscapeForTerminal first.
  void Print(std::string_view text);
  void PrintLine(std::string_view line);
  // Messages. Note is for what may be left out under --quiet.
  void Note(std::string_view line);
  void Warn(std::string_view line);
  void PrintError(std::string_view line);

  // kUnavailable where stdout did not take everything: a full disk behind a redirection must not look like
  // success.
  Status Flush();

  bool out_is_terminal() const { return out_is_terminal_; }
  bool err_is_terminal() const { return err_is_terminal_; }
  bool quiet() const { return quiet_; }
  FILE* err() const { return err_; }
  bool color_for_messages() const { return color_ && err_is_terminal_; }

  // Marks up for stdout where that is a terminal with colours, otherwise leaves the text as it is.
  std::string Bold(std::string_view text) const;
  std::string Dim(std::string_view text) const;
  std::string Mark(std::string_view text) const;  // what was looked for

 private:
  FILE* out_;
  FILE* err_;
  bool color_;
  bool quiet_;
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool failed_ = false;
};

// Columns as wide as their widest cell. Cells are escaped by the caller; marks of a Console take no place.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  size_t size() const { return rows_.size() - 1; }
  // `right` names the columns, from 0, that are aligned to the right.
  std::string ToString(const std::vector<size_t>& right = {}) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// How far something is: a line that renews itself on a terminal, a line a minute elsewhere. One thread at a time.
class Progress {
 public:
  // `noun` as in "12 of 90 files".
  Progress(Console& console, std::string_view noun, uint64_t total_items, uint64_t total_bytes);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Advance(uint64_t items, uint64_t bytes);
  // What it would print at this moment: "12 of 90 files, 1.2 GiB of 8.0 GiB, 110 MiB/s, 1 min 2 s left".
  std::string Line(std::chrono::steady_clock::time_point now) const;

 private:
  void Show(bool last);

  Console& console_;
  std::string noun_;
  uint64_t total_items_;
  uint64_t total_bytes_;
  uint64_t items_ = 0;
  uint64_t bytes_ = 0;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace seshat::cli
