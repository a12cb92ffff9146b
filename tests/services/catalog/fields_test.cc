#include "services/catalog/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/reference/reference_metadata_store.h"

namespace seshat::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

SessionDocument With(const std::string& id, const std::string& key, const std::string& value) {
  SessionDocument document;
  document.session_id = id;
  document.version = 1;
  document.metadata.push_back({key, metadata::TypeValue(value)});
  return document;
}

TEST(Fields, TypesAreThoseThatOccur) {
  FieldInfo field;
  EXPECT_TRUE(TypesOf(field).empty());
  field.numbers = 1;
  field.texts = 2;
  EXPECT_THAT(TypesOf(field), ElementsAre("number", "text"));
  field.dates = field.booleans = 1;
  EXPECT_THAT(TypesOf(field), ElementsAre("number", "date", "boolean", "text"));
}

TEST(Fields, KeysThatLookAlikeUntilAnAliasMakesThemOne) {
  const auto index = reference::MakeReferenceMetadataStore();
  ASSERT_TRUE(index->Upsert(std::vector{With("a", "sys_name", "PX4"), With("b", "sys-name", "PX4")}));
  const auto hygiene = LookAtHygiene(*index, {}, {});
  ASSERT_TRUE(hygiene);
  ASSERT_THAT(hygiene->alike, SizeIs(1));
  const FieldAlias alias = metadata::AliasFor(hygiene->alike.front());
  EXPECT_THAT(LookAtHygiene(*index, {}, {alias})->alike, SizeIs(0));
}

TEST(Fields, ValuesThatDoNotGoTogether) {
  const auto index = reference::MakeReferenceMetadataStore();
  ASSERT_TRUE(index->Upsert(std::vector{With("a", "load", "3 V"), With("b", "load", "4 A")}));
  const auto hygiene = LookAtHygiene(*index, {"load"}, {});
  ASSERT_TRUE(hygiene);
  ASSERT_THAT(hygiene->conflicts, SizeIs(1));
  EXPECT_EQ(KeyConflictName(hygiene->conflicts.front().what), "units");
}

TEST(Fields, AliasLinesAreToml) {
  EXPECT_EQ(AliasLine({"rig", {"machine", "a \"b\"\n"}}), R"("rig" = ["machine", "a \"b\"\u000A"])");
}

}  // namespace
}  // namespace seshat::catalog
