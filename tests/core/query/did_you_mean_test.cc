#include "core/query/did_you_mean.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/query/query_parser.h"

namespace seshat::query {
namespace {

const std::vector<FacetValue> kRigs = {
    {"bench-1", 9}, {"Werkstatt", 7}, {"bench-2", 5}, {"left motor stand", 3}, {"x", 1}};

std::vector<FacetValue> Values(const std::string& field) { return field == "rig" ? kRigs : std::vector<FacetValue>{}; }

std::string Slips(const std::string& text) {
  const auto query = ParseQuery(text).value();
  std::string out;
  for (const auto& slip : FindValueSlips(query, Values)) {
    out += fmt::format("{}{} '{}':", out.empty() ? "" : "; ", slip.field, slip.text);
    for (const auto& value : slip.near) out += " " + value.value;
    out += " -> " + PrintQuery(WithValue(query, slip, slip.near[0].value));
  }
  return out;
}

TEST(DidYouMeanTest, FindsSlipsInValues) {
  EXPECT_EQ(Slips("rig:werkstat"), "rig 'werkstat': Werkstatt -> rig:\"Werkstatt\"");
  EXPECT_EQ(Slips("rig = \"bench-3\""), "rig 'bench-3': bench-1 bench-2 -> rig = bench-1");
  EXPECT_EQ(Slips("a and rig:(benhc-2 or x)"), "rig 'benhc-2': bench-2 bench-1 -> a AND (rig:\"bench-2\" OR rig:x)");
  EXPECT_EQ(Slips("rig:moter"), "rig 'moter': left motor stand -> rig:\"left motor stand\"");
}

TEST(DidYouMeanTest, KeepsQuietOtherwise) {
  EXPECT_EQ(Slips("rig:bench"), "");  // a word of a value
  EXPECT_EQ(Slips("rig:WERKSTATT"), "");
  EXPECT_EQ(Slips("rig:quite-another"), "");
  EXPECT_EQ(Slips("not rig:werkstat"), "");
  EXPECT_EQ(Slips("rig > 5"), "");
  EXPECT_EQ(Slips("other:werkstat"), "");
  EXPECT_EQ(Slips("rig:y"), "");  // one letter of one
}

}  // namespace
}  // namespace seshat::query
