#include "pipeline/lab_source.h"

#include <algorithm>
#include <iterator>

namespace seshat::testing {
namespace {

// A file and a directory cannot have one name.
bool InTheWay(const std::string& a, const std::string& b) {
  return a == b || a.starts_with(b + "/") || b.starts_with(a + "/");
}

}  // namespace

LabSource::LabSource(Clock& clock, Dice& dice, const LabSourceOptions& options) : tree_(clock), options_(options) {
  for (size_t i = 0; i < options.sessions; ++i) ids_.push_back(OddSessionName(dice, i));
  for (const auto& id : ids_) {
    if (!dice.OneIn(5)) WriteMetadata(dice, id);
    const size_t files = 1 + dice.Below(5);
    for (size_t i = 0; i < files; ++i) Write(id, NewPath(dice, id), Contents(dice));
  }
}

void LabSource::Change(Dice& dice) {
  const std::string id = dice.Pick(ids_);
  Session& session = sessions_[id];
  if (!options_.changes) return;
  const uint64_t what = dice.Below(10);
  if (what < 3 || session.files.empty()) {
    Write(id, NewPath(dice, id), Contents(dice));
    return;
  }
  const auto file = std::next(session.files.begin(), static_cast<std::ptrdiff_t>(dice.Below(session.files.size())));
  const std::string path = file->first;
  const std::string whole = id + "/" + path;
  switch (what) {
    case 3:
    case 4:
      if (path == kMetadataName)
        WriteMetadata(dice, id);
      else
        Write(id, path, Contents(dice));
      break;
    case 5:
      if (path == kMetadataName) break;
      Write(id, path, file->second + "more");
      break;
    case 6: {
      const std::string to = NewPath(dice, id);
      if (path == kMetadataName || to.starts_with(path + "/")) break;
      tree_.Rename(whole, id + "/" + to);
      session.files[to] = session.files[path];
      session.files.erase(path);
      break;
    }
    case 7:
      // The last file of a session stays: what a session without files means is migration's own test.
      if (session.files.size() < 2) break;
      tree_.Remove(whole);
      session.files.erase(file);
      break;
    case 8:
      tree_.SetMode(whole, 0600 + static_cast<uint32_t>(dice.Below(64)));
      break;
    default:
      tree_.MakeSpecial(id + "/a link", EntryKind::kSymlink);
      session.others["a link"] = true;
  }
}

void LabSource::Write(const std::string& id, const std::string& path, const std::string& bytes) {
  tree_.Write(id + "/" + path, bytes);
  Session& session = sessions_[id];
  session.files[path] = bytes;
  session.had_files = true;
}

void LabSource::WriteMetadata(Dice& dice, const std::string& id) {
  std::string text = "lab: " + std::to_string(dice.Below(1000)) + "\n";
  if (dice.OneIn(3)) text += "operator = \"Nagy \xC3\x81gnes\"\nrate: 250 Hz\n";
  if (dice.OneIn(4)) text += dice.Bytes(40) + "\n";
  Write(id, std::string(kMetadataName), text);
}

std::string LabSource::NewPath(Dice& dice, const std::string& id) const {
  const auto found = sessions_.find(id);
  while (true) {
    std::string path = OddPath(dice, {.max_path_bytes = options_.long_paths ? 900U - id.size() : 120U});
    const auto in_the_way = [&](const auto& entry) { return InTheWay(entry.first, path); };
    if (found == sessions_.end()) return path;
    if (std::ranges::none_of(found->second.files, in_the_way) && !InTheWay(path, "a link")) return path;
  }
}

std::string LabSource::Contents(Dice& dice) {
  switch (dice.Below(8)) {
    case 0:
      return "";
    case 1:
      return dice.Bytes(3000 + dice.Below(3000));  // in parts
    default:
      return "measured " + std::to_string(dice.Below(1'000'000));
  }
}

}  // namespace seshat::testing
