// A directory that goes with the test.
#pragma once

#include <filesystem>
#include <string>

namespace seshat::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void WriteFile(const std::filesystem::path& path, std::string_view bytes);  // makes directories as needed
std::string ReadFile(const std::filesystem::path& path);

}  // namespace seshat::testing
