// Reads a file from its beginning to its end through one buffer, whatever its size.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace seshat::statistics {

class FileReader {
 public:
  explicit FileReader(const std::filesystem::path& path) : file_(std::fopen(path.c_str(), "rb")) {}

  bool ok() const { return file_ != nullptr && std::ferror(file_.get()) == 0; }
  void Rewind() {
    std::rewind(file_.get());
    position_ = 0;
  }
  uint64_t position() const { return position_; }
  // At most `size` bytes; fewer at the end only.
  size_t ReadSome(void* out, size_t size) {
    const size_t n = std::fread(out, 1, size, file_.get());
    position_ += n;
    return n;
  }
  // False, with `out` unspecified, where fewer are left.
  bool Read(void* out, size_t size) { return ReadSome(out, size) == size; }
  // An empty text where fewer are left.
  std::string Text(size_t size) {
    std::string text(size, '\0');
    if (!Read(text.data(), size)) text.clear();
    return text;
  }
  bool Skip(uint64_t size) {
    char buffer[4096];
    while (size > 0) {
      const size_t part = size < sizeof buffer ? static_cast<size_t>(size) : sizeof buffer;
      if (!Read(buffer, part)) return false;
      size -= part;
    }
    return true;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t position_ = 0;
};

}  // namespace seshat::statistics
