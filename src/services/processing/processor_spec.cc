#include "services/processing/processor_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/records/session_id.h"

namespace seshat::processing {
namespace {

constexpr uint32_t kMaxAttempts = 100;
constexpr std::chrono::hours kMaxTimeout{24 * 7};

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash + 1);
}

bool AnyMatches(const std::vector<PathGlob>& globs, std::string_view path) {
  return FirstMatch(globs, path) < globs.size();
}

Status CheckPaths(const ProcessorSpec& spec) {
  if (spec.command.empty() || !spec.command.front().starts_with('/')) {
    return Fail(ErrorCode::kInvalidArgument, "its command must begin with the absolute path of the program");
  }
  for (const auto& path : spec.read_only_paths) {
    if (!path.is_absolute() || path == path.root_path()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("the read-only path '{}' must be absolute, and not all of the machine", path.string()));
    }
  }
  return {};
}

Status CheckLimits(const ProcessorSpec& spec) {
  if (spec.timeout <= std::chrono::milliseconds::zero() || spec.timeout > kMaxTimeout)
    return Fail(ErrorCode::kInvalidArgument, "its timeout must lie between 1 ms and 7 days");
  if (spec.memory_bytes < (1 << 20)) return Fail(ErrorCode::kInvalidArgument, "its memory must be at least 1 MiB");
  if (spec.output_bytes == 0) return Fail(ErrorCode::kInvalidArgument, "its outputs may not be limited to nothing");
  if (spec.max_attempts == 0 || spec.max_attempts > kMaxAttempts)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("its attempts must be 1 to {}", kMaxAttempts));
  return {};
}

Status CheckSpec(const ProcessorSpec& spec) {
  SESHAT_TRY(records::CheckName("processor", spec.name));
  SESHAT_TRY(records::CheckName("processor version", spec.version));
  if (spec.patterns.empty()) return Fail(ErrorCode::kInvalidArgument, "match holds no pattern: use ** for every file");
  SESHAT_TRY(CheckPathGlobs("match", spec.patterns));
  SESHAT_TRY(CheckPathGlobs("siblings", spec.with_siblings));
  SESHAT_TRY(CheckPaths(spec));
  return CheckLimits(spec);
}

}  // namespace

bool ProcessorSpec::Wants(const Manifest& manifest, const ManifestFile& file) const {
  if (!include_metadata && manifest.metadata_path == file.path) return false;
  return AnyMatches(patterns, file.path);
}

bool ProcessorSpec::WantsSibling(const ManifestFile& input, const ManifestFile& other) const {
  const std::string_view folder = FolderOf(input.path);
  if (other.path == input.path || FolderOf(other.path) != folder) return false;
  return AnyMatches(with_siblings, std::string_view(other.path).substr(folder.size()));
}

Status CheckProcessorSpecs(std::span<const ProcessorSpec> specs) {
  std::set<std::string> names;
  for (const ProcessorSpec& spec : specs) {
    if (auto checked = CheckSpec(spec); !checked) {
      return std::unexpected(std::move(checked).error().WithContext(fmt::format("processor '{}'", spec.FullName())));
    }
    if (!names.insert(spec.FullName()).second) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("two processors are called '{}' with their versions: their results would mix, rename one",
                              spec.FullName()));
    }
  }
  return {};
}

}  // namespace seshat::processing
