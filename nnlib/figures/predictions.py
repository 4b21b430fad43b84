"""What a reader is asked before touching a figure of the book: a question, the answers, and why each is right or wrong.

By the name of the figure's function. Numbers in the explanations are checked against the figures by the tests.
"""

from __future__ import annotations

from typing import NamedTuple


class Prediction(NamedTuple):
    """A question with two or three `answers`, each (answer, why it is so or is not); `right` counts from 0."""

    question: str
    right: int
    answers: tuple[tuple[str, str], ...]


PREDICTIONS = {
    "nnlib.figures.benchmarks:ratios": Prediction(
        "Where is plain numpy furthest ahead of the frameworks: in small networks or in large ones?",
        0,
        (
            ("in small ones",
             "There a framework's own work for every operation is most of the time; numpy's is less, and work "
             "space made once leaves little of it."),
            ("in large ones",
             "There all run the same matrix products, and the symbols gather at the dashed line."),
            ("equally in both",
             "It would be, if the time were all arithmetic. In a small network it is mostly the starting of "
             "operations."),
        ),
    ),
    "nnlib.figures.benchmarks:growth": Prediction(
        "One size doubles. Which methods take many times as long?",
        1,
        (
            ("all of them",
             "Those that compute each number once take about what the size says."),
            ("those that compute a thing more than once, or carry all derivatives along",
             "The naive recursion visits every path; RTRL carries the derivatives of every state by every weight."),
            ("those that keep the most numbers",
             "To keep a number is cheap: the memo keeps them, and is saved by it."),
        ),
    ),
    "nnlib.figures.beyond:speed_up": Prediction(
        "A million rows in the batch, 32 workers: which of the two networks is nearly 32 times as fast?",
        2,
        (
            ("both",
             "The messages are the client's work, and they grow with the workers: 32 of them send 32 times as "
             "many as one."),
            ("the large one alone",
             "It comes nearest, 24.2 times. But even its arithmetic does not hide the messages of 32 workers."),
            ("neither",
             "The model gives 5.8 and 24.2. Every worker adds messages that the client handles alone; the "
             "small network does better with 16 workers."),
        ),
    ),
    "nnlib.figures.bptt:two_derivatives": Prediction(
        "The input is 1 at every step. From which step on do the immediate and the total derivative part?",
        2,
        (
            ("step 1",
             "s(1) does not contain w at all: both are 0."),
            ("step 2",
             "At step 2 the parameter has been used in one place only: there is nothing for the immediate "
             "derivative to leave out."),
            ("step 3",
             "From there on w has been used in several places, and the immediate derivative sees only the last "
             "of them."),
        ),
    ),
    "nnlib.figures.bptt:plane": Prediction(
        "RTRL keeps more numbers than BPTT for short sequences and fewer for long ones. Is there a length from "
        "which on it also multiplies less?",
        1,
        (
            ("yes, if the sequence is long enough",
             "Twice as many steps cost both methods twice as much: the length cancels from the ratio."),
            ("no, at no length",
             "Both counts are proportional to the steps. With 16 units RTRL multiplies 80 times as often, at "
             "every length."),
            ("yes, for very short sequences",
             "With 16 units the ratio is 80 after a single step, too."),
        ),
    ),
    "nnlib.figures.bptt:terms": Prediction(
        "Ten steps, pieces of length 3: which keeps more of the 55 terms?",
        0,
        (
            ("the window",
             "It keeps a band, 27 terms: every step looks back over three."),
            ("the chunks",
             "They keep small triangles, 19 terms: the first step of each has no look back at all."),
            ("both the same number",
             "A band of width 3 holds 27 terms, the triangles on its diagonal only 19 of them."),
        ),
    ),
    "nnlib.figures.bptt:truncation": Prediction(
        "Half of a sequence of 16 steps is kept. How large is the error of the gradient in a chaotic network "
        "(gain 2.5)?",
        2,
        (
            ("below 1 %",
             "So it is for the window in a network that forgets: 0.075\u00a0% at gain 0.5. A chaotic one does not "
             "forget."),
            ("about 10 %",
             "What is dropped outweighs what is kept: 114\u00a0% by window."),
            ("about as large as the gradient itself",
             "114\u00a0% by window and 115\u00a0% by chunk: long products are among the largest terms."),
        ),
    ),
    "nnlib.figures.bptt:norms": Prediction(
        "The spectral radius of the recurrent matrix is 1.25. Does the gradient explode?",
        1,
        (
            ("yes, as the powers of 1.25",
             "Without input it does: the states stay at 0, where tanh has slope 1. With input 0.05 the norm "
             "after 15 steps is already down to 0.01."),
            ("only while the slopes of tanh stay near 1",
             "Each factor is a slope times the matrix. At input 0.2 the largest slope is 0.824, and after 15 "
             "steps the norm is 1.5\u00a0·\u00a010⁻⁶."),
            ("never, for tanh is bounded",
             "Bounded values do not bound derivatives: without input the norm after 15 steps is 28."),
        ),
    ),
    "nnlib.figures.bptt:checkpoints": Prediction(
        "For 64 steps: which spacing of the checkpoints keeps the fewest states alive at the worst moment?",
        1,
        (
            ("4: many checkpoints, short pieces",
             "Sixteen checkpoints and the four states of a piece: at most 20 states alive."),
            ("8: the square root of 64",
             "Eight checkpoints and the eight states of a piece: at most 16 states alive. The sum T/k + k is "
             "smallest where its parts are equal."),
            ("32: few checkpoints, long pieces",
             "Two checkpoints, but 32 states of the piece that is made anew: at most 34 states alive."),
        ),
    ),
    "nnlib.figures.bptt:online": Prediction(
        "A small rate is made ten times larger. What happens to the curve of errors?",
        0,
        (
            ("it rises about tenfold",
             "To first order the error is proportional to the rate. From 0.001 to 0.01 that ends: after the first "
             "steps the curve rises less."),
            ("it only becomes steeper: the error piles up",
             "A network that forgets forgets this error, too: old factors leave the product that carries them."),
            ("nothing: RTRL is exact",
             "It is exact for weights that stand still. These move at every step."),
        ),
    ),
    "nnlib.figures.chain_rule:example": Prediction(
        "Steps 1 to 6 go forward, 7 to 12 backward. At which step do the derivatives by the weights of the "
        "first layer become known?",
        1,
        (
            ("step 8",
             "The backward sweep starts at the cost; by step 8 it has come to a² only."),
            ("step 11",
             "Such a derivative is the input times the rate of the unit it leads to, and z¹ is reached at step "
             "11."),
            ("step 12",
             "That is when the inputs follow. The weights into z¹ wait for z¹ alone."),
        ),
    ),
    "nnlib.figures.chain_rule:diamonds": Prediction(
        "Ten diamonds: by which factor is the answer of program (a) wrong?",
        2,
        (
            ("by about two",
             "So it is after two diamonds, 45 for 25. Every further one multiplies the error by more than the "
             "one before."),
            ("by about a hundred",
             "Every diamond re-sends what those above it had re-sent: the error feeds on itself."),
            ("by far more than a million",
             "The truth is 9,765,625, and the answer has 22 digits: every diamond re-sends what those above it "
             "had re-sent."),
        ),
    ),
    "nnlib.figures.chain_rule_layouts:switch": Prediction(
        "With outputs as rows, ∂z/∂x₁ is a sum along a column of ∂y/\u2060∂x. Turned over to inputs as rows: what "
        "changes?",
        2,
        (
            ("some of the numbers",
             "No number changes: each matrix is mirrored."),
            ("what is summed",
             "The same products are added: the column of the second factor has become a row of the first."),
            ("the order of the factors and no number",
             "The transposed of a product is the product of the transposed in reverse order. The sum now runs "
             "along a row of the first factor."),
        ),
    ),
    "nnlib.figures.chain_rule_modes:modes": Prediction(
        "32 inputs, one output: how many times as dear as reverse mode is forward mode, in operations?",
        0,
        (
            ("about 12 times",
             "Both pay for the values, and one reverse sweep costs about twice what one forward sweep does: "
             "3,995 operations against 337."),
            ("32 times",
             "There are 32 sweeps against one, but both modes pay for the values, and a reverse sweep costs "
             "more than a forward one."),
            ("about 100 times",
             "Forward mode costs at most 1 + 3 · 32 = 97 times the values, and reverse mode more than them "
             "once."),
        ),
    ),
    "nnlib.figures.gradient_backprop:paths": Prediction(
        "Along how many paths does the bias b1 reach the slope J?",
        1,
        (
            ("none: a bias does not matter to a derivative",
             "That holds for b2, above the last curve, and for no bias below one."),
            ("one",
             "It enters at z and crosses over into the slope lane: 1\u00a0·\u00a04\u00a0·\u00a04\u00a0=\u00a016."),
            ("two, as w1 does",
             "w1 enters both lanes, at z and at Z. A bias enters at z alone."),
        ),
    ),
    "nnlib.figures.gradient_backprop:methods": Prediction(
        "Which of the three methods gets the error below 0.001 inside the interval?",
        2,
        (
            ("all three",
             "Gradient descent is still above 0.01 after 3,000 steps."),
            ("Adam and Levenberg-Marquardt",
             "Adam ends about ten times better than gradient descent, and still above 0.001."),
            ("Levenberg-Marquardt alone",
             "It ends below 0.00001 after 300 steps; each of them solves a least-squares problem."),
        ),
    ),
    "nnlib.figures.gradient_backprop:solution": Prediction(
        "Which of the three wrong gradients keep the network from coming nearer to log x?",
        2,
        (
            ("all three",
             "Each of them is partly right, and a direction that is partly right still goes downhill."),
            ("the one that lacks a term",
             "It learns most slowly, and learns."),
            ("none",
             "Every run goes downhill, so a convergence plot is no test of a gradient. The complex step is "
             "one."),
        ),
    ),
    "nnlib.figures.gradient_further:plane": Prediction(
        "Where will the network's error be largest for Burgers' equation?",
        1,
        (
            ("early, near the edges",
             "Early the profile is a smooth sine, and at the edges the values are given."),
            ("late, near the middle",
             "There the front is steep, and the tanh units of a small network must bend sharply."),
            ("evenly everywhere",
             "The network errs most where the solution is steepest."),
        ),
    ),
    "nnlib.figures.gradient_further:lanes": Prediction(
        "A network with eight outputs: near how many inputs do the two measured curves cross?",
        1,
        (
            ("1",
             "There they cross for one output: both orders cost the same when there are as many inputs as "
             "outputs."),
            ("8",
             "Where there are as many inputs as outputs, as counted. The clock agrees to about a factor of "
             "two."),
            ("64",
             "That is the width of the hidden layers, which both orders pay for alike."),
        ),
    ),
    "nnlib.figures.index_backprop:passes": Prediction(
        "Both outputs miss their target by 0.5. Which unit has the largest adjoint?",
        2,
        (
            ("the output 4",
             "p = 1.5: its own error, and what it does through unit 5."),
            ("the output 5",
             "p = 0.5: its own error and nothing else."),
            ("the hidden unit 2",
             "p = 7, although it is the farthest from the cost: it acts along five paths, and they add up."),
        ),
    ),
    "nnlib.figures.index_backprop:gradient_check": Prediction(
        "Which step h is best for the central difference?",
        1,
        (
            ("h = 10⁻³",
             "There the neglected terms are still large: they fall like h²."),
            ("h = 10⁻⁶",
             "The error is smallest between 10⁻⁶ and 10⁻⁷ and grows on both sides: it is a U."),
            ("h = 10⁻¹²",
             "By then two nearly equal numbers are subtracted, and what their rounding leaves is divided by h."),
        ),
    ),
    "nnlib.figures.index_backprop_algorithms:algorithms": Prediction(
        "In the first run: how often does p of unit 3 change?",
        2,
        (
            ("once",
             "It collects a share from every unit downstream, and is cleared before and multiplied after."),
            ("twice",
             "Two shares come, from the units 5 and 4. But it is cleared before, and multiplied by the slope "
             "after."),
            ("four times",
             "Cleared to 0; −0.5 from unit 5; 1.5 more from unit 4; times the slope 2."),
        ),
    ),
    "nnlib.figures.index_backprop_digits:training": Prediction(
        "(a) η = 0.003, usual weights: how do batches of 128 learn per epoch, compared with batches of 8?",
        1,
        (
            ("faster",
             "Their steps are longer, about sixteen times, and sixteen times fewer."),
            ("almost equally",
             "A batch of 128 steps about sixteen times as far and takes a sixteenth of the steps: after 20 "
             "epochs 4.0 % and 3.8 % are misread."),
            ("slower",
             "They take a sixteenth of the steps, but the cost is a sum over the batch, so each is about "
             "sixteen times as long."),
        ),
    ),
    "nnlib.figures.index_backprop_digits:confusion": Prediction(
        "After 40 epochs 14 digits are misread. How many of them are an 8?",
        2,
        (
            ("1 or 2, as of any digit",
             "The mistakes are not spread evenly: the 8 has most of them from the first epoch on."),
            ("none: its two loops are unmistakable",
             "More 8s are read as 1 than as anything else."),
            ("7",
             "Half of the last mistakes are 8s, and no 1 is read as an 8: the matrix need not be symmetric."),
        ),
    ),
    "nnlib.figures.index_backprop_digits:misread": Prediction(
        "14 digits are misread. How many of them have the true digit in second place?",
        2,
        (
            ("1 or 2",
             "The network is seldom lost: look at the second-highest bars."),
            ("about half",
             "More: where it errs it mostly hesitates between two digits, and one of them is the true one."),
            ("13",
             "All but one: the network hesitates between two digits, and one of them is the true one."),
        ),
    ),
    "nnlib.figures.index_backprop_shapes:eight": Prediction(
        "Which of these products is the slope by W?",
        1,
        (
            ("Δ X",
             "It has the right shape, and it pairs output unit k with example k."),
            ("Δᵀ X",
             "It sums over the examples, and has an output unit first and an input unit second, as W has."),
            ("Xᵀ Δ",
             "It sums over the examples, as it should, but stands on its side."),
        ),
    ),
    "nnlib.figures.jacobian:factors": Prediction(
        "Of the 64 derivatives of four outputs by the weights of layer 1, how many are zero?",
        2,
        (
            ("48, as in the last layer",
             "A weight into an output moves that output alone. A weight into a hidden unit moves a unit to "
             "which all outputs are connected."),
            ("16",
             "The unit that the weight moves is connected to all outputs."),
            ("none",
             "The change enters at one unit, and the matrix D spreads it to all outputs."),
        ),
    ),
    "nnlib.figures.jacobian:climb": Prediction(
        "Start at the left end of the data, x = −1, without a pull. Where does the climb end?",
        2,
        (
            ("on the hill near 0",
             "From 1 it does. From −1 the network's curve rises outwards."),
            ("where it began",
             "The network's curve is not level there: it rises outwards."),
            ("outside the data",
             "It is still creeping at x = −3.82, where the network says 1.50 and the truth is 0.00."),
        ),
    ),
    "nnlib.figures.jacobian_uses:actions": Prediction(
        "Twenty tries of the policy's own actions are added, and Q is fitted again. What becomes of its claim?",
        1,
        (
            ("it rises further",
             "The tries fall where Q was wrong, and what they earned contradicts it."),
            ("it comes down to what is earned",
             "In round 1 Q claims 1.18 and the actions earn 0.69; in round 2 these are 0.97 and 0.99."),
            ("it stays",
             "The new tries fall where Q had none and was wrong."),
        ),
    ),
    "nnlib.figures.jacobian_uses:fits": Prediction(
        "From a cost of 3.9, which method is below 0.01 after ten steps?",
        2,
        (
            ("gradient descent",
             "The steep side of a narrow valley limits its rate: after ten steps the cost is 1."),
            ("Adam",
             "After ten steps its cost is 1.43."),
            ("Levenberg-Marquardt",
             "It knows the steep side and the floor of the valley by JᵀJ: after ten steps the cost is 0.00442."),
        ),
    ),
    "nnlib.figures.jacobian_uses:rates": Prediction(
        "Which two of these factors look the same after 20 steps?",
        0,
        (
            ("0.25 and 0.75",
             "Both halve the distance at every step; at 0.75 it changes sides each time."),
            ("0.75 and 0.95",
             "Both change sides at every step, but 0.95 keeps nine tenths of the distance."),
            ("0.95 and 1.05",
             "Both change the distance by a tenth at every step: the one shrinks it, the other makes it grow."),
        ),
    ),
    "nnlib.figures.jacobian_uses:saliency": Prediction(
        "Will the strong slopes lie on the stroke of the digit?",
        2,
        (
            ("yes, on it",
             "Many lie on blank pixels: a slope says what a little ink there would change."),
            ("no, off it",
             "Some lie on it: a slope also says what a little less ink would change."),
            ("on and off it",
             'A slope answers "what if this pixel were a little brighter?", and not "what did this pixel '
             'contribute?".'),
        ),
    ),
    "nnlib.figures.jacobian_uses:maximised": Prediction(
        "Without a prior: will the image look like the digit, and will a second network agree that it is one?",
        2,
        (
            ("it looks like it, and the second network agrees",
             "The image has negative ink and looks like nothing."),
            ("it looks like nothing, and the second network does not agree",
             "The second network is certain, too: it learned from the same images."),
            ("it looks like nothing, and both networks are certain",
             "Both learned from the same images and know equally little about everything else: agreement is no "
             "evidence."),
        ),
    ),
    "nnlib.figures.recursive:influence": Prediction(
        "W2[0,1] leads from unit 1 of layer 1 to unit 0 of layer 2. How many of the 6 units move with it?",
        1,
        (
            ("one",
             "The unit at its end moves, and so does the output after it."),
            ("two",
             "The unit at its end and the output. Everything to the left keeps the rate 0, and so does the "
             "other unit of layer 2."),
            ("four",
             "So many move with a weight of layer 1."),
        ),
    ),
    "nnlib.figures.recursive:call_tree": Prediction(
        "The naive recursion makes 40 calls. How many would a program make that never answers the same "
        "question twice?",
        0,
        (
            ("10",
             "One for the output, and one for each of the nine units below it."),
            ("13",
             "That is the shortcut: it cuts off the lowest row, and asks the same things again in the others."),
            ("27",
             "So many calls the shortcut saves: the whole lowest row."),
        ),
    ),
    "nnlib.figures.recursive:counted_and_timed": Prediction(
        "On a logarithmic axis, how do the lines of naive and shortcut lie to each other?",
        2,
        (
            ("they meet",
             "Every layer multiplies both by the same number, so what separates them stays."),
            ("they drift apart",
             "Every layer multiplies both by the same number, so what separates them stays."),
            ("they run in parallel",
             "Every layer multiplies both by about the width; the shortcut divides by it once."),
        ),
    ),
    "nnlib.figures.recursive:whole_gradient": Prediction(
        "With one layer nothing can be asked twice. Are the six equally fast there?",
        1,
        (
            ("yes",
             "The first three are run once for every parameter and every output, even there."),
            ("no",
             "The first three are run once for each of 12 parameters and 3 outputs, and each run begins with a "
             "forward pass."),
        ),
    ),
    "nnlib.figures.six_ways:bracketing": Prediction(
        "Of the six methods, how many multiply from the cost's end?",
        1,
        (
            ("two",
             "Besides the graph and the indices, the passes through time and of value and slope begin there."),
            ("four",
             "The recursion begins at the weight, and the Jacobians at the output, without the cost."),
            ("all six",
             "Two do not: the recursion and the Jacobians."),
        ),
    ),
    "nnlib.figures.six_ways:cost_of_ways": Prediction(
        "The number of outputs goes from 1 to 8. Which bars grow most?",
        1,
        (
            ("all alike",
             "A method that starts at the cost carries one row whatever the number of outputs; it grows only "
             "by the last layer's weights."),
            ("those of the recursion and the Jacobians",
             "The Jacobians carry a row for every output; the recursion ends, for every weight, in a number for "
             "every output."),
            ("that of value and slope",
             "It pays a column for every input, whatever the number of outputs."),
        ),
    ),
}  # fmt: skip
