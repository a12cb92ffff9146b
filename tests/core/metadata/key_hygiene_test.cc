#include "core/metadata/key_hygiene.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/metadata/key_words.h"

namespace seshat::metadata {
namespace {

FieldInfo Numbers(const std::string& name, uint64_t sessions) {
  FieldInfo info;
  info.name = name;
  info.sessions = info.numbers = sessions;
  return info;
}

FieldInfo Texts(const std::string& name, uint64_t sessions) {
  FieldInfo info;
  info.name = name;
  info.sessions = info.texts = sessions;
  return info;
}

std::string Like(const std::vector<FieldInfo>& fields, const FieldAliases& aliases = {}) {
  std::string out;
  for (const auto& like : FindLikeKeys(fields, aliases)) {
    out += out.empty() ? "" : "; ";
    for (const auto& key : like.keys) out += fmt::format("{}={} ", key.name, key.sessions);
    out += "(";
    for (const auto reason : like.reasons)
      out += fmt::format("{}{}", out.ends_with('(') ? "" : ", ", LikenessName(reason));
    out += ")";
  }
  return out;
}

TEST(KeyWordsTest, TakeKeysApart) {
  EXPECT_EQ(TakeKeyApart("Motor.tempC").words, (std::vector<std::string>{"motor", "temp", "c"}));
  EXPECT_EQ(TakeKeyApart("sys_name").words, (std::vector<std::string>{"sys", "name"}));
  EXPECT_EQ(TakeKeyApart("Firmware  Version").words, (std::vector<std::string>{"firmware", "version"}));
  EXPECT_EQ(TakeKeyApart("SÉANCE").words, (std::vector<std::string>{"seance"}));
  EXPECT_TRUE(TakeKeyApart("__").words.empty());
  EXPECT_TRUE(IsUnitWord("C") && IsUnitWord("mV") && IsUnitWord("s") && IsUnitWord("degc"));
  EXPECT_FALSE(IsUnitWord("min") || IsUnitWord("x") || IsUnitWord("name") || IsUnitWord("c"));
}

TEST(LikeKeysTest, FindsKeysThatMeanTheSame) {
  EXPECT_EQ(Like({Numbers("temp_C", 5), Numbers("Temp", 9), Numbers("temperature", 40), Texts("rig", 7)}),
            "temperature=40 Temp=9 temp_C=5 (unit suffix, shortened)");
  EXPECT_EQ(Like({Texts("sys_name", 5), Texts("SysName", 9), Texts("sys.name", 1)}),
            "SysName=9 sys_name=5 sys.name=1 (spelling)");
  EXPECT_EQ(Like({Texts("operator", 50), Texts("opertaor", 1), Texts("operators", 2)}),
            "operator=50 operators=2 opertaor=1 (shortened, slip)");
  EXPECT_EQ(Like({Numbers("duration_s", 5), Numbers("duration_ms", 2)}), "duration_s=5 duration_ms=2 (spelling)");
}

TEST(LikeKeysTest, LeavesFamiliesOfKeysAlone) {
  EXPECT_EQ(Like({Numbers("ch1", 5), Numbers("ch2", 5), Numbers("ch12", 5)}), "");
  EXPECT_EQ(Like({Numbers("acc_x", 5), Numbers("acc_y", 5), Numbers("acc_z", 5)}), "");
  EXPECT_EQ(Like({Numbers("load_min", 5), Numbers("load_max", 5), Numbers("load", 5)}), "");
  EXPECT_EQ(Like({Texts("rig_A", 5), Texts("rig_C", 5), Texts("rig", 5)}), "");
  EXPECT_EQ(Like({Texts("op", 5), Texts("operator", 5)}), "");
  EXPECT_EQ(Like({Texts("start", 5), Numbers("starts", 5)}), "");  // other types, other things
  EXPECT_EQ(Like({}), "");
}

TEST(LikeKeysTest, AliasesSettleIt) {
  const std::vector<FieldInfo> fields{Numbers("temp_C", 5), Numbers("temp", 9), Numbers("temperature", 40)};
  const FieldAlias all[] = {{"temperature", {"temp", "temp_C"}}};
  EXPECT_EQ(Like(fields, FieldAliases::Make(all).value()), "");
  const FieldAlias some[] = {{"temperature", {"temp"}}};
  EXPECT_EQ(Like(fields, FieldAliases::Make(some).value()), "temperature=40 temp=9 temp_C=5 (unit suffix, shortened)");
  EXPECT_EQ(AliasFor(FindLikeKeys(fields)[0]), (FieldAlias{"temperature", {"temp", "temp_C"}}));
}

TEST(LikeKeysTest, ManyKeysAreNoTrouble) {
  std::vector<FieldInfo> fields;
  for (int i = 0; i < 5000; ++i) fields.push_back(Numbers(fmt::format("sensor_{}_value", i), 1));
  for (int i = 0; i < 5000; ++i) fields.push_back(Texts(fmt::format("k{}", i * 7919), 1));
  fields.push_back(Texts("operator", 3));
  fields.push_back(Texts("oprator", 1));
  EXPECT_EQ(Like(fields), "operator=3 oprator=1 (slip)");
}

TEST(KeyConflictsTest, ListTypesAndUnits) {
  FieldInfo mixed = Numbers("k", 40);
  mixed.texts = 2;
  mixed.booleans = 1;
  FieldInfo volts = Numbers("v", 15);
  volts.units = {{"V", 12}, {"A", 3}, {"mV", 1}};
  FieldInfo bare = Numbers("t", 34);
  bare.units = {{"°C", 30}, {"", 4}};
  FieldInfo fine = Numbers("f", 34);
  fine.units = {{"s", 30}, {"ms", 4}};
  std::string out;
  for (const auto& conflict : FindKeyConflicts(std::vector{mixed, volts, bare, fine}))
    out += fmt::format("{} {} ({}): {}; ", static_cast<int>(conflict.what), conflict.name, conflict.sessions,
                       conflict.detail);
  EXPECT_EQ(out, "1 v (4): V 12, A 3, mV 1; 2 t (4): °C 30, without 4; 0 k (3): number 40, text 2, boolean 1; ");
}

}  // namespace
}  // namespace seshat::metadata
