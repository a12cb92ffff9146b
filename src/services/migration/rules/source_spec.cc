#include "services/migration/rules/source_spec.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>
#include <charconv>

#include "core/base/path_glob.h"
#include "core/base/utf8.h"
#include "core/records/session_id.h"
#include "services/migration/rules/cron.h"

namespace seshat::migration {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

Status Bad(std::string_view field, std::string_view value, std::string_view allowed) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: '{}' {}", field, EscapeForTerminal(value.substr(0, 200)), allowed));
}

std::optional<int> TwoDigits(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool ok = text.size() == 2 && error == std::errc{} && end == text.data() + 2 && value >= 0 && value <= most;
  return ok ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::minutes> TimeOfDay(std::string_view text) {
  if (text == "24:00") return std::chrono::minutes(0);
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = TwoDigits(text.substr(0, 2), 23);
  const auto minute = TwoDigits(text.substr(3), 59);
  if (!hour || !minute) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

std::optional<size_t> Day(std::string_view text) {
  for (size_t i = 0; i < kDays.size(); ++i)
    if (kDays[i] == text) return i;
  return std::nullopt;
}

// "mon-fri", "sat,sun", "fri-mon".
std::optional<uint8_t> Weekdays(std::string_view text) {
  uint8_t bits = 0;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const size_t dash = item.find('-');
    const auto first = Day(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : Day(item.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (size_t day = *first;; day = (day + 1) % 7) {
      bits = static_cast<uint8_t>(bits | (1U << day));
      if (day == *last) break;
    }
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
  return std::nullopt;
}

Status CheckPatterns(std::string_view setting, const std::vector<std::string>& patterns) {
  return CheckPathGlobs(setting, std::vector<PathGlob>(patterns.begin(), patterns.end()));
}

}  // namespace

Result<BlackoutWindow> BlackoutWindow::Parse(std::string_view text) {
  BlackoutWindow window;
  std::string_view hours = text;
  bool ok = true;
  if (const size_t blank = text.find(' '); blank != std::string_view::npos) {
    const auto days = Weekdays(text.substr(0, blank));
    ok = days.has_value();
    window.weekdays = days.value_or(0);
    hours = text.substr(blank + 1);
  }
  const auto from = TimeOfDay(hours.substr(0, 5));
  const auto to = hours.size() == 11 && hours[5] == '-' ? TimeOfDay(hours.substr(6)) : std::nullopt;
  if (!ok || !from || !to)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no blackout window: write '22:00-06:00' or 'mon-fri 08:00-18:00'",
                            EscapeForTerminal(text.substr(0, 100))));
  window.from = *from;
  window.to = *to;
  return window;
}

Status SourceSpec::Validate() const {
  SESHAT_TRY(records::CheckName("source", name));
  if (path.empty() || path.front() != '/') return Bad("path", path, "must be an absolute path");
  if (layout == Layout::kFlat) {
    const RE2 pattern(flat_pattern, RE2::Quiet);
    if (!pattern.ok()) return Bad("flat_pattern", flat_pattern, "is no RE2 pattern: " + pattern.error());
    if (pattern.NumberOfCapturingGroups() < 1)
      return Bad("flat_pattern", flat_pattern, "needs a capture group for the session id, such as '(run[0-9]+)_.*'");
  }
  if (metadata_files.empty()) return Bad("metadata_files", "", "must hold at least one pattern");
  SESHAT_TRY(CheckPatterns("ignore", ignore));
  SESHAT_TRY(CheckPatterns("metadata_files", metadata_files));
  SESHAT_TRY(CheckPatterns("complete.expected", complete.expected));
  if (!complete.marker.empty()) SESHAT_TRY(CheckPatterns("complete.marker", {complete.marker}));
  if (!complete.expected_list.empty()) SESHAT_TRY(CheckPatterns("complete.expected_list", {complete.expected_list}));
  if (complete.expected.size() > 64) return Bad("complete.expected", "", "may hold at most 64 patterns");
  if (complete.quiet.count() < 0) return Bad("complete.quiet", "", "must not be negative");
  if (schedule.interval < std::chrono::milliseconds(100))
    return Bad("schedule.interval", fmt::format("{} ms", schedule.interval.count()), "must be at least 100 ms");
  if (!schedule.cron.empty()) SESHAT_TRY(Cron::Parse(schedule.cron));
  if (delete_after && delete_after->count() < 0) return Bad("delete_after", "", "must not be negative");
  return {};
}

}  // namespace seshat::migration
