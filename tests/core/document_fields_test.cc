#include "core/document_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/query_parser.h"

namespace seshat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool Holds(const char* value, CompareOp op, const char* literal) {
  return Satisfies(TypeValue(value), op, TypeValue(literal));
}

TEST(SatisfiesTest, EqualByNumberDateOrText) {
  EXPECT_TRUE(Holds("PX4", CompareOp::kEqual, "px4"));
  EXPECT_TRUE(Holds("5", CompareOp::kEqual, "5.0"));
  EXPECT_TRUE(Holds("5 V", CompareOp::kEqual, "5"));
  EXPECT_FALSE(Holds("5 mV", CompareOp::kEqual, "5 V"));
  EXPECT_FALSE(Holds("5", CompareOp::kEqual, "5 V"));
  EXPECT_TRUE(Holds("2026-11-23T07:50:00+02:00", CompareOp::kEqual, "2026-11-23T05:50:00Z"));
  EXPECT_FALSE(Holds("007", CompareOp::kEqual, "7"));
  EXPECT_FALSE(Holds("9007199254740993", CompareOp::kEqual, "9007199254740992"));
  EXPECT_TRUE(Holds("x", CompareOp::kExactly, "x"));
  EXPECT_FALSE(Holds("X", CompareOp::kExactly, "x"));
}

TEST(SatisfiesTest, OrderingsLookAtNumbersAndDatesOnly) {
  EXPECT_TRUE(Holds("9007199254740993", CompareOp::kGreater, "9007199254740992"));
  EXPECT_TRUE(Holds("-1", CompareOp::kLess, "0.5"));
  EXPECT_FALSE(Holds("b", CompareOp::kGreater, "a"));
  EXPECT_FALSE(Holds("x", CompareOp::kGreater, "5"));
}

TEST(SatisfiesTest, ADayIsTheWholeDay) {
  EXPECT_TRUE(Holds("2026-11-23T23:59:59.999999999Z", CompareOp::kEqual, "2026-11-23"));
  EXPECT_TRUE(Holds("2026-11-23T12:00:00Z", CompareOp::kLessOrEqual, "2026-11-23"));
  EXPECT_FALSE(Holds("2026-11-23T12:00:00Z", CompareOp::kGreater, "2026-11-23"));
  EXPECT_TRUE(Holds("2026-11-24T00:00:00Z", CompareOp::kGreater, "2026-11-23"));
  EXPECT_FALSE(Holds("2026-11-22T23:59:59Z", CompareOp::kGreaterOrEqual, "2026-11-23"));
  EXPECT_TRUE(Holds("2026-11-23T05:50:59Z", CompareOp::kEqual, "2026-11-23T05:50"));
  EXPECT_TRUE(Holds("2261-12-31T23:59:59Z", CompareOp::kEqual, "2261-12-31"));
}

TEST(FieldValuesTest, HoldFixedFieldsKeysAndResults) {
  SessionDocument d;
  d.session_id = "s1";
  d.bytes = 7;
  d.metadata.push_back({"Rig", TypeValue("a")});
  d.files.push_back({"raw/a.bin", "s1/raw/a.bin", 7, {}, {{"statistics", "1", "failed", "k", "no", {}}}});
  std::vector<std::string> seen;
  for (const auto& value : FieldValues(d)) seen.push_back(value.field + "=" + value.value.text);
  EXPECT_THAT(seen,
              ElementsAre("session_id=s1", "started_at=1970-01-01T00:00:00Z", "ended_at=1970-01-01T00:00:00Z",
                          "migrated_at=1970-01-01T00:00:00Z", "bytes=7", "file_count=0", "path=raw/a.bin",
                          "processor=statistics", "outcome=failed", "Rig=a", "=Rig"));
}

TEST(SuggestFieldsTest, FindsSlipsAndParts) {
  const std::vector<std::string> known = {"temp", "Temperature", "rig", "operator", "sys_name"};
  EXPECT_THAT(SuggestFields("tmep", known), ElementsAre("temp"));
  EXPECT_THAT(SuggestFields("temp", known), ElementsAre("temp", "Temperature"));
  EXPECT_THAT(SuggestFields("perat", known), ElementsAre("operator", "Temperature"));
  EXPECT_THAT(SuggestFields("started", known), ElementsAre("started_at", "state"));
  EXPECT_THAT(SuggestFields("OPERATER", known), ElementsAre("operator"));
  EXPECT_THAT(SuggestFields("zzzzzz", known), IsEmpty());
}

TEST(UnknownFieldsTest, AreThoseNobodyHas) {
  const auto query = ParseQuery("tmep:5 and (TEMP > 3 or not foo = 1) and source:x _exists_:bar y tmep:7");
  ASSERT_TRUE(query.has_value());
  EXPECT_THAT(UnknownFields(*query, std::vector<std::string>{"Temp"}), ElementsAre("tmep", "foo", "bar"));
  EXPECT_THAT(FieldsOf(*query), ElementsAre("tmep", "TEMP", "foo", "source", "bar"));
}

}  // namespace
}  // namespace seshat
