// Globs of the configuration: '*' and '?' within a segment, '[a-z]' and '[!a-z]', '**' over segments ("**/" also
// matches nothing at all), '\' takes the next character as it is. Bytes, not characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seshat::migration {

class Glob {
 public:
  // Without '/' the pattern is held against a path's last segment, with '/' against the whole path.
  explicit Glob(std::string pattern);
  bool Matches(std::string_view path) const;
  const std::string& pattern() const { return pattern_; }

 private:
  enum class Form { kLiteral, kSuffix, kGeneral };  // the first two are most of what people write, and fast
  std::string pattern_;
  bool whole_path_;
  Form form_;
};

// The index of the first glob that matches, or globs.size().
size_t FirstMatch(const std::vector<Glob>& globs, std::string_view path);

}  // namespace seshat::migration
