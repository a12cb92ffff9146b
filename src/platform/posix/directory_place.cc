#include "platform/posix/directory_place.h"

#include <cerrno>
#include <fstream>
#include <sstream>

#include "core/base/text_parts.h"
#include "platform/posix/posix_error.h"

namespace seshat::posix {
namespace {

// Blanks, tabs, line feeds and backslashes are written as three octal digits.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Whether `path` is `outer` or lies below it.
bool LiesIn(const std::filesystem::path& path, const std::filesystem::path& outer) {
  auto at = path.begin();
  for (const auto& part : outer) {
    if (part.empty()) continue;  // of a '/' at the end
    if (at == path.end() || *at != part) return false;
    ++at;
  }
  return true;
}

}  // namespace

PlaceRelation RelationOf(const DirectoryPlace& first, const DirectoryPlace& second) {
  if (first.file_system != second.file_system) return PlaceRelation::kApart;
  const bool inside = LiesIn(first.path, second.path);
  const bool around = LiesIn(second.path, first.path);
  if (inside && around) return PlaceRelation::kSame;
  return inside ? PlaceRelation::kInside : around ? PlaceRelation::kAround : PlaceRelation::kApart;
}

std::vector<Mount> ParseMountInfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string_view line : Split(text, '\n')) {
    const auto parts = Split(line, ' ');
    if (parts.size() < 5) continue;
    mounts.push_back({std::string(parts[2]), Unescape(parts[3]), Unescape(parts[4])});
  }
  return mounts;
}

Result<DirectoryPlace> PlaceOf(const std::filesystem::path& directory, const std::vector<Mount>& mounts) {
  if (!directory.is_absolute()) return Fail(ErrorCode::kInvalidArgument, directory.string() + " is no absolute path");
  std::error_code error;
  // Links are followed as far as there is something; a directory that may not be entered is taken as written.
  std::filesystem::path real = std::filesystem::weakly_canonical(directory, error);
  if (error) real = directory.lexically_normal();
  const Mount* home = nullptr;
  size_t longest = 0;
  for (const Mount& mount : mounts) {
    const size_t length = mount.point.native().size();
    // Of two mounts at one point the later one is seen.
    if (length < longest || !LiesIn(real, mount.point)) continue;
    home = &mount;
    longest = length;
  }
  if (home == nullptr) return Fail(ErrorCode::kInternal, "nothing is mounted at /");
  const auto below = real.lexically_relative(home->point);
  DirectoryPlace place{home->file_system, home->root};
  if (!below.empty() && below != ".") place.path /= below;
  place.path = place.path.lexically_normal();
  return place;
}

Result<std::vector<Mount>> MountsNow() {
  std::ifstream in("/proc/self/mountinfo");
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return std::unexpected(PosixError(errno != 0 ? errno : EIO, "reading /proc/self/mountinfo"));
  return ParseMountInfo(text.view());
}

}  // namespace seshat::posix
