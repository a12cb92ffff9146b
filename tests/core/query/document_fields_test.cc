#include "core/query/document_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/query/query_parser.h"

namespace seshat::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FieldValuesTest, HoldFixedFieldsKeysAndResults) {
  SessionDocument d;
  d.session_id = "s1";
  d.bytes = 7;
  d.metadata.push_back({"Rig", metadata::TypeValue("a")});
  d.files.push_back({"raw/a.bin", "s1/raw/a.bin", 7, {}, {{"statistics", "1", "failed", "k", "no", {}}}});
  std::vector<std::string> seen;
  for (const auto& value : FieldValues(d)) seen.push_back(value.field + "=" + value.value.text);
  EXPECT_THAT(seen, ElementsAre("session_id=s1", "started_at=1970-01-01T00:00:00Z", "ended_at=1970-01-01T00:00:00Z",
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
}  // namespace seshat::query
