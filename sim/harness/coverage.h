// What a Verilated model covered, where it was built for that (tests/coverage): counts of all models of a program,
// added up, in a file of $NAVE_COVERAGE at its end. Without it nothing. SPDX-License-Identifier: ISC
#pragma once
#if VM_COVERAGE
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>
#include <verilated.h>
#include <verilated_cov.h>
#endif

namespace nave
{
#if VM_COVERAGE
class CoverageSum
{
  public:
    static CoverageSum &all()
    {
        static CoverageSum sum;
        return sum;
    }
    ~CoverageSum()
    {
        if (folder.empty())
            return;
        std::ofstream out(folder + "/" + std::to_string(getpid()) + ".dat");
        out << "# SystemC::Coverage-3\n";
        for (const auto &c : count)
            out << c.first << ' ' << c.second << '\n';
    }
    void add()
    {
        auto *model = Verilated::threadContextp()->coveragep();
        if (!folder.empty()) {
            const std::string name = folder + "/" + std::to_string(getpid()) + ".part";
            model->write(name.c_str());
            std::ifstream in(name);
            std::string line;
            while (std::getline(in, line)) {
                const size_t space = line.rfind(' ');
                if (line.compare(0, 2, "C ") == 0)
                    count[line.substr(0, space)] += strtoull(line.c_str() + space, nullptr, 10);
            }
            unlink(name.c_str());
        }
        model->clear();
    }

  private:
    CoverageSum() : folder(getenv("NAVE_COVERAGE") ? getenv("NAVE_COVERAGE") : "")
    {
    }
    std::string folder;
    std::map<std::string, unsigned long long> count;
};
#endif

// Before a model goes: its counters go with it.
inline void count_coverage()
{
#if VM_COVERAGE
    CoverageSum::all().add();
#endif
}

struct CoverageAtEnd { // stands behind the model
    ~CoverageAtEnd()
    {
        count_coverage();
    }
};
} // namespace nave
