#include "adapters/file_store/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <queue>

#include "adapters/file_store/disk_path.h"
#include "core/base/clamped_time.h"

namespace seshat::file_store {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// A segment in a directory. `text` is what it adds to a key: "name" for a file, "name/" for a folder, so that
// entries sort as the keys in them do ("a.b" before "a/b").
struct Entry {
  std::string text;
  std::string disk;  // path below the root
  bool folder = false;
  auto operator<=>(const Entry& other) const { return text <=> other.text; }
  bool operator==(const Entry& other) const { return text == other.text; }
};

// The smallest entries of one level, no more than asked for: a page of a folder with a million entries
// needs no room for a million.
class Smallest {
 public:
  explicit Smallest(size_t most) : most_(most) {}
  void Add(Entry entry) {
    if (heap_.size() < most_) {
      heap_.push(std::move(entry));
    } else if (entry < heap_.top()) {
      heap_.pop();
      heap_.push(std::move(entry));
      cut_ = true;
    } else {
      cut_ = true;
    }
  }
  bool cut() const { return cut_; }  // there were more
  std::vector<Entry> Take() {
    std::vector<Entry> entries;
    while (!heap_.empty()) {
      entries.push_back(heap_.top());
      heap_.pop();
    }
    std::ranges::reverse(entries);
    return entries;
  }

 private:
  const size_t most_;
  bool cut_ = false;
  std::priority_queue<Entry> heap_;
};

class Lister {
 public:
  Lister(const Tree& tree, const ListOptions& options) : tree_(tree), options_(options) {}

  Result<ListPage> Run() {
    // Only the folder that holds the prefix needs to be looked at.
    const size_t slash = options_.prefix.rfind('/');
    const std::string base = slash == std::string::npos ? "" : options_.prefix.substr(0, slash + 1);
    std::string disk = base;
    if (!disk.empty()) {
      disk.pop_back();
      if (disk.empty() || disk.starts_with('/') || disk.ends_with('/') || disk.find("//") != std::string::npos)
        return page_;  // no key has an empty segment
      if (disk.find('\0') != std::string::npos) return page_;
      disk = DiskPath(disk);
    }
    if (base == std::string(kOwnDirectory) + "/" || base.starts_with(std::string(kOwnDirectory) + "/")) return page_;
    SESHAT_TRY(Walk(base, disk));
    return std::move(page_);
  }

 private:
  bool full() const { return overflow_; }

  // Whether anything that starts with `text` (a key, or a folder with all below it) can be on the page.
  bool CanHold(const std::string& text, bool folder) const {
    const std::string_view prefix = options_.prefix;
    const bool fits = text.starts_with(prefix) || (folder && prefix.starts_with(text));
    if (!fits) return false;
    if (text > options_.start_after) return true;
    return folder && std::string_view(options_.start_after).starts_with(text);
  }

  Status ReadLevel(const std::string& base, const std::string& text, const std::string& disk, const std::string& after,
                   Smallest& smallest) {
    auto opened = OpenBeneath(tree_.root(), disk.empty() ? "." : disk, O_RDONLY | O_DIRECTORY);
    // Below a file, behind a link, or gone: no key lies there.
    if (!opened && (opened.error() == ENOENT || opened.error() == ENOTDIR || opened.error() == ELOOP)) return {};
    const auto doing = [&] { return fmt::format("listing {}/{}", tree_.root_path(), disk); };
    if (!opened) return opened.error() == ENAMETOOLONG ? Status() : FailWith(opened.error(), doing());
    const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(opened->get()));
    if (!directory) return FailWith(errno, doing());
    opened->Release();
    while (true) {
      errno = 0;
      const dirent* found = ::readdir(directory.get());  // NOLINT(concurrency-mt-unsafe): our own stream
      if (found == nullptr) break;
      SESHAT_TRY(Take(base, text, disk, after, *found, ::dirfd(directory.get()), smallest));
    }
    return errno == 0 ? Status() : FailWith(errno, doing());
  }

  Status Take(const std::string& base, const std::string& text, const std::string& disk, const std::string& after,
              const dirent& found, int directory, Smallest& smallest) {
    std::string name = found.d_name;
    if (name == "." || name == ".." || (disk.empty() && name == kOwnDirectory)) return {};
    unsigned char type = found.d_type;
    if (type == DT_UNKNOWN) {
      struct stat status{};
      if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? Status() : FailWith(errno, fmt::format("looking at {}/{}", disk, name));
      type = S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : DT_LNK;
    }
    if (type != DT_DIR && type != DT_REG) return {};
    std::string path = disk.empty() ? name : fmt::format("{}/{}", disk, name);
    if (type == DT_DIR && name.ends_with(kGoesOn)) {
      name.pop_back();
      return ReadLevel(base, text + name, path, after, smallest);
    }
    Entry entry{.text = text + name, .disk = std::move(path), .folder = type == DT_DIR};
    // What no key can be was put there by somebody else.
    if (!BlobKey::Parse(base + entry.text)) return {};
    if (entry.folder) entry.text += '/';
    if (entry.text > after && CanHold(base + entry.text, entry.folder)) smallest.Add(std::move(entry));
    return {};
  }

  // Everything below `base`, in order, until the page is full.
  Status Walk(const std::string& base, const std::string& disk) {
    std::string after;
    while (!full()) {
      Smallest smallest(options_.limit + 1);
      SESHAT_TRY(ReadLevel(base, "", disk, after, smallest));
      const bool cut = smallest.cut();
      const auto entries = smallest.Take();
      for (const Entry& entry : entries) {
        if (full()) return {};
        SESHAT_TRY(Visit(base, entry));
      }
      if (!cut) return {};
      after = entries.back().text;  // some folders held nothing
    }
    return {};
  }

  Status Visit(const std::string& base, const Entry& entry) {
    const std::string key = base + entry.text;
    if (!entry.folder) return AddBlob(key, entry.disk);
    if (!options_.fold_folders || key.size() <= options_.prefix.size()) return Walk(key, entry.disk);
    if (key <= options_.start_after) return {};
    SESHAT_ASSIGN(const bool holds, HoldsObject(key, entry.disk));
    if (holds && Room(key)) page_.folders.push_back(key);
    return {};
  }

  // One entry too many says that there is more.
  bool Room(const std::string& entry) {
    if (page_.blobs.size() + page_.folders.size() == options_.limit) {
      page_.next_start_after = last_;
      overflow_ = true;
      return false;
    }
    last_ = entry;
    return true;
  }

  Status AddBlob(const std::string& key, const std::string& disk) {
    auto object = OpenBeneath(tree_.root(), disk, O_PATH | O_NOFOLLOW);
    struct stat status{};
    const int code = !object ? object.error() : ::fstat(object->get(), &status) != 0 ? errno : 0;
    if (code != 0) return FailWith(code, fmt::format("looking at {}/{}", tree_.root_path(), disk));
    if (Room(key)) page_.blobs.push_back(InfoFrom(key, status));
    return {};
  }

  // A put that failed may leave directories without an object: no folder of the store.
  Result<bool> HoldsObject(const std::string& base, const std::string& disk) {
    ListOptions any{.prefix = base, .limit = 1};
    SESHAT_ASSIGN(const ListPage page, Lister(tree_, any).RunBelow(base, disk));
    return !page.blobs.empty();
  }
  Result<ListPage> RunBelow(const std::string& base, const std::string& disk) {
    SESHAT_TRY(Walk(base, disk));
    return std::move(page_);
  }

  const Tree& tree_;
  const ListOptions& options_;
  ListPage page_;
  std::string last_;
  bool overflow_ = false;
};

}  // namespace

BlobInfo InfoFrom(std::string key, const struct stat& status) {
  return {.key = std::move(key),
          .size = static_cast<uint64_t>(status.st_size),
          .modified_at =
              Timestamp(std::chrono::nanoseconds(ClampedNanoseconds(status.st_mtim.tv_sec, status.st_mtim.tv_nsec)))};
}

Result<ListPage> ListTree(const Tree& tree, const ListOptions& options) { return Lister(tree, options).Run(); }

}  // namespace seshat::file_store
