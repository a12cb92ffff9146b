// What a search hit in a session, for people to see.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/output/console.h"
#include "core/query/highlight.h"

namespace seshat::cli {

// A hit's values as they are printed on a terminal: escaped, and what the query looked for marked.
class MarkedHit {
 public:
  MarkedHit(const Console& console, const std::vector<Highlight>& highlights)
      : console_(console), highlights_(highlights) {}

  // A value of a field, whole.
  std::string Value(std::string_view field, std::string_view text) const;
  // The name of a key.
  std::string Key(std::string_view name) const;
  // A highlighted value, cut to about `most` bytes.
  std::string Part(const Highlight& highlight, size_t most) const;
  const std::vector<Highlight>& highlights() const { return highlights_; }

 private:
  std::string Marked(std::string_view text, const Highlight* highlight) const;

  const Console& console_;
  const std::vector<Highlight>& highlights_;
};

}  // namespace seshat::cli
