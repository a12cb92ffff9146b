#include "services/migration/scan/completeness.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/utf8.h"

namespace seshat::migration {
namespace {

std::optional<PathGlob> OptionalGlob(const std::string& pattern) {
  return pattern.empty() ? std::nullopt : std::optional<PathGlob>(pattern);
}

}  // namespace

std::string DescribeDuration(std::chrono::milliseconds duration) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  const auto ms = duration.count();
  if (ms % 1000 != 0 && ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  const auto total = duration_cast<seconds>(duration).count();
  if (total < 120) return fmt::format("{} s", total);
  if (total < 3600)
    return total % 60 == 0 ? fmt::format("{} min", total / 60) : fmt::format("{} min {} s", total / 60, total % 60);
  if (total < 2 * 86400) return fmt::format("{} h {} min", total / 3600, total / 60 % 60);
  return fmt::format("{} days", total / 86400);
}

Completeness::Completeness(const CompletenessRules& rules)
    : quiet_(std::max(rules.quiet, kLeastQuiet)),
      marker_(OptionalGlob(rules.marker)),
      list_(OptionalGlob(rules.expected_list)),
      metadata_(rules.metadata) {
  for (const auto& pattern : rules.expected) expected_.emplace_back(pattern);
}

void Completeness::Add(SessionShape& shape, std::string_view path, const SourceEntry& entry, bool is_metadata) const {
  shape.fingerprint.Add(path, static_cast<uint32_t>(entry.kind), entry.stat);
  shape.newest_ns = std::max({shape.newest_ns, entry.stat.modified_ns, entry.stat.changed_ns});
  if (entry.kind != EntryKind::kFile) {
    ++shape.others;
    return;
  }
  ++shape.files;
  shape.bytes += entry.stat.size;
  shape.metadata = shape.metadata || is_metadata;
  if (marker_) shape.marker = shape.marker || marker_->Matches(path);
  for (size_t i = 0; i < expected_.size(); ++i)
    if (expected_[i].Matches(path)) shape.expected_seen |= uint64_t{1} << i;
  if (list_ && list_->Matches(path) && (shape.list_path.empty() || path < shape.list_path)) shape.list_path = path;
}

Observation Completeness::Judge(const SessionShape& shape, const std::optional<Observation>& before, Timestamp now,
                                std::string_view missing_listed) const {
  Observation seen{.fingerprint = shape.fingerprint, .changed_at = now, .files = shape.files, .bytes = shape.bytes};
  // A clock that was set back must not make a session wait for the time to come again.
  if (before && !before->gone && before->fingerprint == shape.fingerprint)
    seen.changed_at = std::min(before->changed_at, now);
  const Timestamp quiet_at = seen.changed_at + quiet_;

  std::vector<std::string> lacks;
  if (shape.files == 0)
    lacks.emplace_back(shape.others == 0 ? "a first file" : "a first regular file (links and devices are not stored)");
  if (marker_ && !shape.marker) lacks.push_back(fmt::format("a file that matches the marker '{}'", marker_->pattern()));
  for (size_t i = 0; i < expected_.size(); ++i)
    if ((shape.expected_seen >> i & 1) == 0)
      lacks.push_back(fmt::format("a file that matches '{}'", expected_[i].pattern()));
  if (list_ && shape.list_path.empty()) lacks.push_back(fmt::format("the list of its files, '{}'", list_->pattern()));
  if (!missing_listed.empty()) lacks.emplace_back(missing_listed);
  if (metadata_ && !shape.metadata) lacks.emplace_back("its metadata file");
  const bool only_quiet = lacks.empty();
  if (now < quiet_at) {
    lacks.push_back(fmt::format("nothing to change for {} (last change seen at {})", DescribeDuration(quiet_),
                                FormatTimestamp(std::chrono::floor<std::chrono::seconds>(seen.changed_at))));
    if (only_quiet) seen.until = quiet_at;
  }
  seen.complete = lacks.empty();
  for (const auto& lack : lacks) seen.waiting_for += (seen.waiting_for.empty() ? "" : ", and for ") + lack;
  return seen;
}

std::vector<std::string> ParseExpectedList(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("./")) line.remove_prefix(2);
    if (!line.empty() && line.front() != '#') names.emplace_back(line);
  }
  std::ranges::sort(names);
  const auto [first, last] = std::ranges::unique(names);
  names.erase(first, last);
  return names;
}

}  // namespace seshat::migration
