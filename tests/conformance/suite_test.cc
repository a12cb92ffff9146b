// The machinery of the suites, on a toy port: a case that no broken adapter can fail must be noticed.
#include "conformance/suite.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace seshat::conformance {
namespace {

struct Adder {
  int offset = 0;
  int Add(int a, int b) const { return a + b + offset; }
};

void AddsSmallNumbers(Adder& adder) { EXPECT_EQ(adder.Add(1, 2), 3); }
void IsAlwaysContent(Adder&) {}
void Throws(Adder&) { throw std::runtime_error("broken"); }
void Skips(Adder&) { GTEST_SKIP(); }

Factory<Adder> Off(int offset) {
  return [offset] { return std::make_unique<Adder>(Adder{offset}); };
}

TEST(SuiteTest, TellsAFailingCaseFromAPassingOne) {
  EXPECT_FALSE(FailsOn<Adder>({"Adds", AddsSmallNumbers}, Off(0)));
  EXPECT_TRUE(FailsOn<Adder>({"Adds", AddsSmallNumbers}, Off(1)));
  EXPECT_FALSE(FailsOn<Adder>({"IsAlwaysContent", IsAlwaysContent}, Off(1)));
  EXPECT_TRUE(FailsOn<Adder>({"Throws", Throws}, Off(0)));
}

TEST(SuiteTest, ASkippedCaseIsNoFailure) { EXPECT_FALSE(FailsOn<Adder>({"Skips", Skips}, Off(1))); }

// Runs a check out of sight and counts its complaints.
template <typename Test>
int Complaints(Test& test) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter hide(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    test.TestBody();
  }
  return results.size();
}

TEST(SuiteTest, ACaseThatNoBrokenAdapterNamesIsReported) {
  const std::vector<Case<Adder>> cases = {{"Adds", AddsSmallNumbers}, {"IsAlwaysContent", IsAlwaysContent}};
  EveryCaseTest<Adder> one(cases, {{"OffByOne", Off(1), {"Adds"}}});
  EXPECT_EQ(Complaints(one), 1);
  EveryCaseTest<Adder> both(cases, {{"OffByOne", Off(1), {"Adds", "IsAlwaysContent"}}});
  EXPECT_EQ(Complaints(both), 0);
}

TEST(SuiteTest, ACaseThatDoesNotNoticeItsBrokenAdapterIsReported) {
  const std::vector<Case<Adder>> cases = {{"Adds", AddsSmallNumbers}, {"IsAlwaysContent", IsAlwaysContent}};
  BrokenTest<Adder> blind(cases, {"OffByOne", Off(1), {"Adds", "IsAlwaysContent"}});
  EXPECT_EQ(Complaints(blind), 1);
  BrokenTest<Adder> seeing(cases, {"OffByOne", Off(1), {"Adds"}});
  EXPECT_EQ(Complaints(seeing), 0);
  BrokenTest<Adder> unknown(cases, {"OffByOne", Off(1), {"Subtracts"}});
  EXPECT_EQ(Complaints(unknown), 1);
}

}  // namespace
}  // namespace seshat::conformance
