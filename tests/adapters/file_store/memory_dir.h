#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "support/temp_dir.h"

namespace seshat::testing {

// A directory in memory where the machine has one: for thousands of syncs whose disk is not what is tested.
class MemoryDir {
 public:
  MemoryDir() : path_(fallback_.path()) {
    std::string name = "/dev/shm/seshat-test-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~MemoryDir() {
    std::error_code ignored;  // a leftover harms nobody
    if (path_ != fallback_.path()) std::filesystem::remove_all(path_, ignored);
  }
  MemoryDir(const MemoryDir&) = delete;
  MemoryDir& operator=(const MemoryDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  TempDir fallback_;
  std::filesystem::path path_;
};

}  // namespace seshat::testing
