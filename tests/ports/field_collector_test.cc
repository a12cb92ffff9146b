#include "ports/field_collector.h"

#include <gtest/gtest.h>

namespace seshat {
namespace {

SessionDocument Document(const std::string& id, std::vector<std::pair<std::string, std::string>> metadata) {
  SessionDocument document;
  document.session_id = id;
  for (const auto& [key, value] : metadata) document.metadata.push_back({key, metadata::TypeValue(value)});
  return document;
}

std::vector<FieldInfo> Collect(FieldsOptions options) {
  FieldCollector collector(std::move(options));
  collector.Add(Document("1", {{"Rig", "bench"}, {"temp", "25 °C"}, {"temp", "hot"}}));
  collector.Add(Document("2", {{"rig", "Bench 2"}, {"temp", "30 °C"}, {"day", "2026-11-23"}}));
  collector.Add(Document("3", {{"rig", "field"}, {"ok", "true"}}));
  collector.Add(Document("4", {}));
  return std::move(collector).Fields();
}

TEST(FieldCollector, SpellingsOfOneFieldAreOne) {
  const auto fields = Collect({});
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].name, "day");
  EXPECT_EQ(fields[1].name, "ok");
  EXPECT_EQ(fields[2].name, "rig");  // as most write it
  EXPECT_EQ(fields[2].sessions, 3U);
  EXPECT_DOUBLE_EQ(fields[2].coverage, 0.75);
  EXPECT_EQ(fields[3].name, "temp");
}

TEST(FieldCollector, CountsSessionsByType) {
  const auto fields = Collect({});
  EXPECT_EQ(fields[0].dates, 1U);
  EXPECT_EQ(fields[1].booleans, 1U);
  EXPECT_EQ(fields[2].texts, 3U);
  const auto& temp = fields[3];
  EXPECT_EQ(temp.sessions, 2U);
  EXPECT_EQ(temp.numbers, 2U);
  EXPECT_EQ(temp.texts, 1U);  // the first session has both
  EXPECT_EQ(temp.units, (std::vector<FacetValue>{{"°C", 2}}));
}

TEST(FieldCollector, TopValuesAreAskedFor) {
  EXPECT_TRUE(Collect({})[2].top_values.empty());
  const auto fields = Collect({.names = {"RIG"}, .top_values = 2});
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].top_values, (std::vector<FacetValue>{{"Bench 2", 1}, {"bench", 1}}));
  const auto prefixed = Collect({.names = {"rig"}, .top_values = 9, .value_prefix = "BENCH"});
  EXPECT_EQ(prefixed[0].top_values.size(), 2U);
}

TEST(FieldCollector, FixedFieldsOnlyByName) {
  const auto fields = Collect({.names = {"session_id", "nobody has it"}, .top_values = 1});
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].name, "session_id");
  EXPECT_EQ(fields[0].sessions, 4U);
}

TEST(FieldCollector, NothingOfNothing) { EXPECT_TRUE(FieldCollector({}).Fields().empty()); }

}  // namespace
}  // namespace seshat
