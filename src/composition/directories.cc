#include "composition/directories.h"

#include <fmt/format.h>

#include <string_view>

#include "composition/adapter_table.h"

namespace seshat::composition {
namespace {

std::string_view Words(posix::PlaceRelation relation) {
  return relation == posix::PlaceRelation::kSame     ? "is the same directory as"
         : relation == posix::PlaceRelation::kInside ? "lies inside"
                                                     : "holds";
}

// A database is a file: what matters is that it does not lie in a source. What else lies in its directory is no matter.
bool MayLieSo(const NamedDirectory& first, const NamedDirectory& second, posix::PlaceRelation relation) {
  if (relation == posix::PlaceRelation::kApart) return true;
  if (first.is_database && second.is_database) return true;
  if (first.is_database) return !second.is_source || relation == posix::PlaceRelation::kAround;
  if (second.is_database) return !first.is_source || relation == posix::PlaceRelation::kInside;
  return false;
}

}  // namespace

std::vector<NamedDirectory> DirectoriesOf(const Config& config) {
  std::vector<NamedDirectory> directories;
  for (const std::string& source : config.Names("sources")) {
    const std::string setting = fmt::format("sources.{}.path", source);
    directories.push_back({setting, config.Text(setting), true});
  }
  const auto rest = [&](std::string_view setting) { return ParseAdapterUrl(config.Text(setting))->rest; };
  if (PlaceOf(config, "store.url") == Place::kDirectory) directories.push_back({"store.url", rest("store.url")});
  directories.push_back({"state_dir", config.Text("state_dir")});
  for (const char* setting : {"bus.url", "metadata.url"}) {
    if (PlaceOf(config, setting) == Place::kDatabase)
      directories.push_back({setting, std::filesystem::path(rest(setting)).parent_path(), false, true});
  }
  return directories;
}

Status CheckDirectoriesApart(const std::vector<NamedDirectory>& directories, const std::vector<posix::Mount>& mounts) {
  std::vector<posix::DirectoryPlace> places;
  for (const NamedDirectory& directory : directories) {
    auto place = posix::PlaceOf(directory.path, mounts);
    if (!place) return std::unexpected(std::move(place.error()).WithContext(directory.name));
    places.push_back(std::move(*place));
  }
  for (size_t i = 0; i < directories.size(); ++i) {
    for (size_t j = i + 1; j < directories.size(); ++j) {
      const auto relation = posix::RelationOf(places[i], places[j]);
      if (MayLieSo(directories[i], directories[j], relation)) continue;
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} ({}) {} {} ({}): recordings and what Seshat writes must lie apart, choose another "
                              "directory for one of them",
                              directories[i].name, directories[i].path.string(), Words(relation), directories[j].name,
                              directories[j].path.string()));
    }
  }
  return {};
}

Status CheckDirectories(const Config& config) {
  SESHAT_ASSIGN(const std::vector<posix::Mount> mounts, posix::MountsNow());
  return CheckDirectoriesApart(DirectoriesOf(config), mounts);
}

}  // namespace seshat::composition
