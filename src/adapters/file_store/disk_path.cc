#include "adapters/file_store/disk_path.h"

#include <algorithm>

namespace seshat::file_store {

std::string DiskPath(std::string_view key) {
  std::string path;
  path.reserve(key.size() + 8);
  for (size_t begin = 0; begin < key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    std::string_view segment = key.substr(begin, end - begin);
    if (begin > 0) path += '/';
    while (segment.size() > kMaxNameBytes) {
      path += segment.substr(0, kMaxNameBytes - 1);
      path += kGoesOn;
      path += '/';
      segment.remove_prefix(kMaxNameBytes - 1);
    }
    path += segment;
    begin = end + 1;
  }
  return path;
}

std::pair<std::string_view, std::string_view> SplitLeaf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace seshat::file_store
