// How well sessions fit a query, slow and obvious. Private to the adapter.
//
// Every word of a text of the query adds to a session's score: the rarer it is among all sessions, the more; the more
// often it stands in the session, the more, but ever less. A pattern or a misspelt word counts once. `^boost`
// multiplies. What stands below NOT does not count.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/metadata/field_aliases.h"
#include "core/query/query.h"
#include "core/query/session_document.h"
#include "core/query/text_match.h"

namespace seshat::reference {

class RelevanceScorer {
 public:
  // The error of TextMatcher::Make. `all`: every session that there is.
  static Result<RelevanceScorer> Make(const Query& query, const FieldAliases& aliases,
                                      const std::vector<std::shared_ptr<const SessionDocument>>& all);

  double Score(const SessionDocument& document) const;

 private:
  struct Leaf {
    TextMatcher matcher;
    std::optional<std::vector<std::string>> fields;  // nothing: everywhere
    double boost = 1;
    std::vector<double> rarity;  // of each word; of the whole leaf where it is a pattern
  };

  static Status Collect(const Query& query, const FieldAliases& aliases, double boost, std::vector<Leaf>& out);
  // How often each word of the leaf stands in the document; once for a pattern that matches.
  static std::vector<double> Times(const Leaf& leaf, const SessionDocument& document);

  std::vector<Leaf> leaves_;
};

}  // namespace seshat::reference
