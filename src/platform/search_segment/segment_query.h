// A query made ready for one segment after the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/metadata/field_aliases.h"
#include "core/query/query.h"
#include "platform/search_segment/segment.h"
#include "platform/search_segment/text_leaf.h"

namespace seshat::search_segment {

// What scoring needs to know of one segment: for each text that asks for something (and is not denied), in the order
// of SegmentQuery::scored().
struct ScoreTrace {
  struct Part {
    std::vector<WordTrace> words;
    DocSet docs;
  };
  std::vector<Part> parts;
};

// For one search, by one thread.
class SegmentQuery {
 public:
  // A text of the query that counts for the score, with the boosts around it.
  struct Scored {
    double boost = 1;
    size_t words = 0;  // scored one by one; 0: as a whole
  };

  // Precondition: CheckQuery.
  static Result<SegmentQuery> Make(const Query& query, const FieldAliases& aliases);
  SegmentQuery(SegmentQuery&&) noexcept;
  ~SegmentQuery();

  // The documents of `live` that match.
  DocSet Run(const Segment& segment, const DocSet& live, ScoreTrace* trace = nullptr);

  const std::vector<Scored>& scored() const { return scored_; }

 private:
  struct Node;
  SegmentQuery();
  Result<std::unique_ptr<Node>> Compile(const Query& query, const FieldAliases& aliases, double boost, bool denied);
  DocSet Evaluate(Node& node, const Segment& segment, const DocSet& within, ScoreTrace* trace);

  std::unique_ptr<Node> root_;
  std::vector<Scored> scored_;
};

}  // namespace seshat::search_segment
